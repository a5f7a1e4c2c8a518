"""The order of writing: cycles always named alike, layers of references, waves that need only earlier ones."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.lowering import body_to_send, waves
from reconciler.core.ordering import depths, find_cycle
from reconciler.core.planner import build_plan
from reconciler.core.references import resolve, unresolved
from reconciler.errors import ExitCode
from reconciler.model.sequence import Payload
from tests.core.core_values import PATIENT, desired, record, snapshot

NAMES = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from([*NAMES, "outside"]), max_size=3))
ACYCLIC = GRAPHS.map(lambda graph: {name: [each for each in refs if each < name] for name, refs in graph.items()})


def closes(graph: dict[str, list[str]], name: str) -> bool:
    """Whether a walk from a name comes back to it, by trying every way."""
    reached, todo = set(), list(graph.get(name, ()))
    while todo:
        each = todo.pop()
        if each not in reached:
            reached.add(each)
            todo.extend(graph.get(each, ()))
    return name in reached


@PATIENT
@given(GRAPHS)
def test_a_cycle_is_found_exactly_if_there_is_one_and_it_is_one(graph: dict[str, list[str]]) -> None:
    cycle = find_cycle(graph)
    assert (cycle is not None) is any(closes(graph, name) for name in graph)
    if cycle is not None:
        assert len(set(cycle)) == len(cycle)
        assert all(after in graph[name] for name, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        assert cycle[0] == min(cycle)


@PATIENT
@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_cycle_depends_on_no_order(graph: dict[str, list[str]], shuffler: random.Random) -> None:
    names = list(graph)
    shuffler.shuffle(names)
    shuffled = {name: shuffler.sample(graph[name] * 2, k=2 * len(graph[name])) for name in names}
    assert find_cycle(shuffled) == find_cycle(graph)


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        ({"a": ["a"]}, ("a",)),
        ({"c": ["a"], "a": ["b"], "b": ["c"]}, ("a", "b", "c")),
        ({"x": ["c"], "c": ["b"], "b": ["c"]}, ("b", "c")),
        ({"a": ["c"], "c": ["b"], "b": ["c"]}, ("b", "c")),
        ({"d": ["c"], "c": ["d"], "b": ["a"], "a": ["b"]}, ("a", "b")),
        ({"a": ["b", "c"], "b": [], "c": ["b"]}, None),
        ({"a": ["outside"]}, None),
        ({}, None),
    ],
)
def test_a_cycle_is_named_from_its_smallest_member(graph: dict[str, list[str]], cycle: tuple[str, ...] | None) -> None:
    assert find_cycle(graph) == cycle


@PATIENT
@given(ACYCLIC)
def test_a_depth_is_one_more_than_the_deepest_reference(graph: dict[str, list[str]]) -> None:
    found = depths(graph)
    assert found.keys() == graph.keys()
    for name, references in graph.items():
        assert found[name] == 1 + max((found[each] for each in references if each in graph), default=-1)


def test_a_chain_of_5000_does_not_exhaust_the_stack() -> None:
    names = [f"s{number:04}" for number in range(5000)]
    graph = {name: [after] for name, after in itertools.pairwise(names)} | {names[-1]: []}
    assert depths(graph)[names[0]] == 4999
    assert find_cycle(graph) is None
    assert find_cycle({**graph, names[-1]: [names[0]]}) == tuple(names)


def test_a_plan_of_a_chain_of_5000_is_5000_waves() -> None:
    names = [f"s{number:04}" for number in range(5000)]
    chain = [desired(one, references=(other,)) for one, other in itertools.pairwise(names)]
    plan = build_plan(snapshot(*chain, desired(names[-1])))
    assert [wave[0].custom_id for wave in waves(plan.changes)] == names[::-1]


@PATIENT
@given(ACYCLIC, st.sets(st.sampled_from(NAMES)), st.randoms(use_true_random=False))
def test_each_wave_refers_only_to_earlier_ones(
    graph: dict[str, list[str]], known: set[str], shuffler: random.Random
) -> None:
    wanted = [desired(name, references=tuple(each for each in refs if each in graph)) for name, refs in graph.items()]
    shuffler.shuffle(wanted)
    plan = build_plan(snapshot(*wanted, records={name: record(name) for name in known}))
    assert {each.rule for each in plan.violations} <= {"probable-rename"}
    done: set[str] = set()
    ids = dict.fromkeys(known, "known")
    for wave in waves(plan.changes):
        for change in wave:
            assert set(change.waits_for) <= done
            assert change.body is not None
            assert not unresolved(body_to_send(change.body, ids))
        done |= {change.custom_id for change in wave}
        ids |= dict.fromkeys(done, "created")
    assert done == {change.custom_id for change in plan.changes if change.operation is not None}


def test_waves_keep_the_order_of_the_plan_and_leave_out_what_has_nothing_to_do() -> None:
    wanted = (desired("a", references=("z",)), desired("m", references=("z",)), desired("z"), desired("k"))
    plan = build_plan(snapshot(*wanted, records={"orphan": record("orphan"), "k": record("k")}))
    assert [[each.custom_id for each in wave] for wave in waves(plan.changes)] == [["z"], ["a", "m"]]


def test_a_body_that_names_a_sequence_still_unknown_is_not_sent() -> None:
    plan = build_plan(snapshot(desired("a", references=("z",)), desired("z")))
    body = plan.changes[1].body
    assert body is not None
    with pytest.raises(KeyError, match="z"):
        body_to_send(body, {})


def test_a_circle_refuses_the_plan_and_names_itself() -> None:
    plan = build_plan(snapshot(desired("b", references=("a",)), desired("a", references=("b",))))
    (refusal,) = plan.violations
    assert (refusal.rule, refusal.exit_code) == ("cycle", ExitCode.INVALID)
    assert refusal.message.endswith("a -> b -> a")
    assert [each.custom_id for each in plan.changes] == ["a", "b"]


def test_references_are_found_at_any_depth_and_nothing_else_is_taken_for_one() -> None:
    payload = Payload.of(
        {
            "one": {"$sequence": "b"},
            "list": [{"$sequence": "a"}, [{"deep": {"$sequence": "c"}}]],
            "text": '{"$sequence":"no"}',
            "two keys": {"$sequence": "no", "x": 1},
            "no text": {"$sequence": 1},
        }
    )
    assert unresolved(payload) == ("a", "b", "c")
    half = resolve(payload, {"a": "A", "b": "B"})
    assert unresolved(half) == ("c",)
    assert half.value["list"] == ["A", [{"deep": {"$sequence": "c"}}]]
    assert half.value["two keys"] == {"$sequence": "no", "x": 1}
