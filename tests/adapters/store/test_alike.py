"""States that are alike: what is read by comparing is what decoding would have made, and nothing else is believed."""

import uuid
from collections.abc import Callable

import pytest

from reconciler.adapters.store.alike import Alike
from reconciler.adapters.store.encoding import DamagedError, decode, encode
from reconciler.model.alike import AlikeRecords
from reconciler.model.jsonvalue import digest
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import Pending, State, UsedPlan

NAMES = ("alpha", "beta", "records", "zeta")
LITERAL = "6d0f3c52-8a41-4f0e-9b7d-2f5f6a1c9e01"


def ids_of(number: int) -> dict[str, str]:
    space = uuid.uuid5(uuid.NAMESPACE_DNS, f"organisation-{number}")
    return {name: str(uuid.uuid5(space, name)) for name in NAMES}


def state(number: int, *, text: str = "Hello", status: str = "active", alpha: str = "", **others: object) -> State:
    """Each names the one before it, a literal id, and the last one in a text."""
    ids = {**ids_of(number), **({"alpha": alpha} if alpha else {})}
    records = {}
    for name, before in zip(NAMES, (None, *NAMES), strict=False):
        named = None if before is None else ids[before]
        body = {"custom_id": name, "filter": {"sequence": named, "segment": LITERAL}, "name": f"{text} {ids['zeta']}!"}
        records[name] = Record(id=ids[name], applied=Payload.of(body), status=status)
    return State(lineage=f"line-{number}", serial=number, records=records, **others)  # type: ignore[arg-type]


def is_compared(read: State) -> bool:
    return isinstance(read.records, AlikeRecords)


def knowing() -> Alike:
    alike = Alike()
    alike.decode(encode(state(1)), where="one")
    return alike


@pytest.mark.parametrize("number", [2, 30, 400])
def test_what_differs_in_ids_alone_is_read_by_comparing(number: int) -> None:
    data = encode(state(number))
    read = knowing().decode(data, where="another")
    assert is_compared(read)
    assert read == decode(data, where="another")
    assert encode(read) == data
    assert list(read.records) == list(state(number).records)


def test_what_stands_around_the_records_is_each_ones_own() -> None:
    plans = (UsedPlan(digest="sha256:0", since="2026-01-01T00:00:00Z", by="ann"),)
    pending = {"x": Pending(payload=Payload(b"{}"), since="2026-01-01T00:00:00Z")}
    given = state(2, org_id="an organisation", plans=plans, pending=pending, unmoved_since=1)
    read = knowing().decode(encode(given), where="another")
    assert is_compared(read)
    assert read == given


def without_one(given: State) -> State:
    records = dict(given.records)
    del records["beta"]
    return State(lineage=given.lineage, serial=given.serial, records=records)


def with_id(given: State, id_: str) -> State:
    records = {**given.records, "alpha": Record(id=id_, applied=given.records["alpha"].applied, status="active")}
    return State(lineage=given.lineage, serial=given.serial, records=records)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(state(2, text="Hallo"), id="another text of the same length"),
        pytest.param(state(2, text="Hello there"), id="a longer text"),
        pytest.param(state(2, status="paused"), id="another status"),
        pytest.param(without_one(state(2)), id="one less"),
        pytest.param(state(2, alpha="not-a-uuid-but-one-as-long-as-one-is"), id="an id of another form"),
        pytest.param(with_id(state(2), LITERAL), id="an id that others name as another"),
        pytest.param(State(lineage="l", serial=1), id="none at all"),
    ],
)
def test_whatever_else_differs_is_decoded(other: State) -> None:
    read = knowing().decode(encode(other), where="another")
    assert not is_compared(read)
    assert read == other


def edited(change: Callable[[bytes], bytes]) -> bytes:
    return change(encode(state(2)))


BODY = encode(state(2)).rpartition(b',\n"checksum"')[0]


def sealed(body: bytes) -> bytes:
    return body + b',\n"checksum":"' + digest(body).encode() + b'"}\n'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(edited(lambda data: data.replace(b'"serial":2', b'"serial":3')), id="another serial"),
        pytest.param(edited(lambda data: data[:-40]), id="cut short"),
        pytest.param(edited(lambda data: data.replace(ids_of(2)["beta"].encode(), LITERAL.encode())), id="other ids"),
        pytest.param(edited(lambda data: data.replace(b"}\n}", b'}\n,"x":1}')), id="more records"),
        pytest.param(sealed(BODY.replace(b'"lineage"', b'"line"')), id="no lineage"),
    ],
)
def test_what_is_damaged_is_refused_as_ever(data: bytes) -> None:
    with pytest.raises(DamagedError) as expected:
        decode(data, where="another")
    with pytest.raises(DamagedError) as found:
        knowing().decode(data, where="another")
    assert found.value.message == expected.value.message


def test_a_document_with_records_twice_is_read_as_decoding_has_it() -> None:
    data = sealed(BODY + b',\n"records":{}')
    read = knowing().decode(data, where="another")
    assert read == decode(data, where="another")
    assert not read.records


def test_states_that_all_differ_are_not_kept_for_ever() -> None:
    alike = Alike()
    for number in range(100):
        alike.decode(encode(state(number, text=f"text {number:03}")), where="one")
    assert is_compared(alike.decode(encode(state(200, text="text 000")), where="one"))
    assert not is_compared(alike.decode(encode(state(200, text="text 099")), where="one"))
