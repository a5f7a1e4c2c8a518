"""What two environments have recorded, side by side: which texts count as names, and which differences are left."""

from reconciler.core.compare import Side, compare
from reconciler.model.jsonvalue import JsonObject
from reconciler.model.sequence import Record
from reconciler.model.state import Pending
from tests.core.core_values import payload, state, where


def segment(id_: str) -> JsonObject:
    return where({"type": "contact_belongs_to_segment", "segment_id": id_})


def side(name: str, filter_: JsonObject, **variables: str) -> Side:
    record = Record(id=f"id-in-{name}", applied=payload("a", filter=filter_))
    return Side(environment=name, state=state({"a": record}), variables=variables)


def shown(one: Side, other: Side) -> list[tuple[object, object]]:
    return [(field.recorded, field.desired) for each in compare(one, other).differences for field in each.fields]


def test_of_several_variables_with_one_value_the_one_that_fits_both_is_meant() -> None:
    here = side("staging", segment("s"), all="s", vip="s")
    there = side("production", segment("v"), all="a", vip="v")
    assert shown(here, there) == shown(there, here) == []


def test_a_variable_that_only_one_environment_has_names_nothing() -> None:
    assert shown(side("staging", segment("s"), vip="s"), side("production", segment("s"))) == []
    assert shown(side("staging", segment("s"), vip="s"), side("production", segment("v"))) == [("s", "v")]


def test_the_same_text_that_is_a_variable_here_and_none_there_is_a_difference() -> None:
    here, there = side("staging", segment("s"), vip="s"), side("production", segment("s"), vip="v")
    assert shown(here, there) == [("$var vip", "s")]


def test_the_id_of_a_sequence_is_its_name_and_the_order_of_a_set_is_none() -> None:
    def naming(id_: str, *names: str) -> JsonObject:
        return where(
            {"type": "contacts_affected_by_sequence", "sequence_id": id_},
            {"type": "contacts_name_in", "name_in": [*names]},
        )

    here, there = (
        side("staging", naming("id-in-staging", "x", "y")),
        side("production", naming("id-in-production", "y", "x")),
    )
    assert shown(here, there) == []
    stranger = side("production", naming("id-in-staging", "x", "y"))
    assert shown(here, stranger) == [("$sequence a", "id-in-staging")]


def test_a_write_that_nobody_knows_the_end_of_is_named() -> None:
    waiting = {"b": Pending(payload=payload("b"), since="T")}
    one = Side(environment="staging", state=state({}, pending=waiting), variables={})
    two = Side(environment="production", state=state({}), variables={})
    assert (compare(one, two).unsettled_in_first, compare(one, two, ["a*"]).unsettled_in_first) == (("b",), ())
