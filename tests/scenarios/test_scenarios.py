"""Law 1: a list of repository states; after each apply the plan is empty, whatever the server makes of it."""

from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import Any, get_type_hints

import pytest

from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import Repository, after_sequence, email, reaching, sms, writes

State = Callable[[Repository], Any]

DATES = {
    "type": "contacts_created_at_between",
    "after": "2026-01-01T00:00:00+02:00",
    "before": "2026-02-01T00:00:00.5Z",
}
NAMES = {"type": "contacts_name_in", "name_in": ["Cy", "Ann", "Bob"]}


def begins(repository: Repository) -> None:
    repository.write("alpha", steps=[email("  Hello  ", 5), sms("Hi \n", 0.5)], filter=reaching(DATES, NAMES))
    repository.write("beta", filter=reaching(after_sequence("alpha")))
    repository.write("gamma", filter=reaching(after_sequence("beta"), {"type": "all_contacts"}), is_continuous=False)
    repository.write("delta", name="Delta", is_continuous=..., steps=[sms("One"), sms("Two", 1440)])


def edited(repository: Repository) -> None:
    repository.write("alpha", steps=[email("Hello you", 5)], filter=reaching(DATES))
    repository.write("beta", filter=reaching(after_sequence("delta")), name="Beta two")


def respelled(repository: Repository) -> None:
    same = {
        "type": "contacts_created_at_between",
        "after": "2025-12-31T22:00:00Z",
        "before": "2026-02-01T00:00:00.500Z",
    }
    repository.write("alpha", steps=[email("Hello you", 5.0)], filter=reaching(same))


def drifted(repository: Repository) -> None:
    repository.simulator.edit("alpha", {"/name": "Someone else's", "/steps/0/action/data/email_subject": "Oops"})
    repository.simulator.edit("delta", {"/is_continuous": False})


def grown(repository: Repository) -> None:
    repository.write("epsilon", filter=reaching(after_sequence("alpha")))
    repository.write("alpha", steps=[email("Hello you", 5), sms("More"), sms("And more", 60)], filter=reaching(NAMES))


SCENARIO: list[State] = [begins, edited, respelled, drifted, grown]


def every_switch() -> list[str]:
    """Every value of every switch, the default server once."""
    kinds = get_type_hints(Switches)
    usual = Switches()
    settings = [usual.settings()[0]]
    for field in fields(Switches):
        kind = kinds[field.name]
        values = list(kind) if issubclass(kind, StrEnum) else {"lag": [1, 2]}.get(field.name, [])
        settings += [f"{field.name}={value}" for value in values if value != getattr(usual, field.name)]
    return settings


UNREADABLE_WHEN_MISSING = "missing=wrapped"


@pytest.mark.parametrize("switch", [each for each in every_switch() if each != UNREADABLE_WHEN_MISSING])
def test_after_each_apply_the_plan_is_empty_and_a_second_apply_sends_no_write(repository, switch):
    switches = repository.simulator.switches = Switches.parse([switch])
    for state in SCENARIO:
        state(repository)
        for _ in range(switches.lag):
            # A change by a person is behind in the answers as well.
            repository.plan("--refresh", "all")
        with repository.watched() as seen:
            outcome = repository.apply("--refresh", "all", "--format", "json")
        assert outcome.code == 0, (state.__name__, outcome)
        assert bool(writes(seen)) is (state is not respelled), state.__name__
        plan = repository.plan("--refresh", "all")
        assert (plan["changes"], plan["violations"]) == ([], []), state.__name__
        again, seen = repository.requests("apply", "--yes")
        assert (again.code, writes(seen)) == (0, []), state.__name__
    assert repository.plan("--refresh", "none")["summary"]["keep"] == 5


def test_where_a_missing_sequence_is_a_server_error_nothing_is_created(repository):
    repository.simulator.switches = Switches.parse([UNREADABLE_WHEN_MISSING])
    begins(repository)
    result, seen = repository.requests("apply", "--yes")
    assert (result.code, writes(seen)) == (10, [])
    assert {entry.method for entry in seen} == {"GET"}
    assert not repository.state_file.exists()


@pytest.mark.parametrize(
    "switches",
    [
        ["lists=reordered", "timestamps=offset", "strings=trimmed", "numbers=floats", "omitted=nulled", "lag=1"],
        ["lists=reordered", "timestamps=reformatted", "strings=trimmed", "unknown_keys=refused", "lookup=off"],
    ],
)
def test_all_habits_of_a_server_at_once_leave_the_plan_empty_too(repository, switches):
    thrown = repository.simulator.switches = Switches.parse(switches)
    for state in SCENARIO:
        state(repository)
        for _ in range(thrown.lag):
            repository.plan("--refresh", "all")
        assert repository.apply("--refresh", "all").code == 0
        assert repository.plan("--refresh", "all")["changes"] == []
