"""What applying did: its document, and the one exit code that many outcomes come to."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from reconciler.core.codec.apply import exit_code, summary, to_document
from reconciler.errors import ExitCode
from reconciler.model.change import Action, FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.outcome import Outcome, Status


def outcome(status: Status, **changes: Any) -> Outcome:
    return Outcome(**{"custom_id": "a", "id": None, "action": Action.UPDATE, "status": status, **changes})


APPLIED = outcome(Status.APPLIED)
HARMLESS = outcome(Status.DIFFERENT, harmless=True)
GRAVE = outcome(Status.DIFFERENT)
UNVERIFIED = outcome(Status.UNVERIFIED)
REJECTED = outcome(Status.REJECTED, cause=ExitCode.PARTIAL)
VANISHED = outcome(Status.REJECTED, cause=ExitCode.REFUSED)
REDIRECTED = outcome(Status.REJECTED, cause=ExitCode.REFUSED_CONFIGURATION)
UNKNOWN = outcome(Status.UNKNOWN)
SKIPPED = outcome(Status.SKIPPED)
REVIEW = outcome(Status.NOT_SENT, cause=ExitCode.REFUSED)
KEY = outcome(Status.NOT_SENT, cause=ExitCode.REFUSED_CONFIGURATION)
DOWN = outcome(Status.NOT_SENT, cause=ExitCode.UNAVAILABLE)
STATE = outcome(Status.NOT_SENT, cause=ExitCode.STATE_UNUSABLE)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        pytest.param([], 0, id="nothing to do: done"),
        pytest.param([APPLIED, APPLIED], 0, id="all applied: done"),
        pytest.param([APPLIED, HARMLESS], 0, id="copy stored otherwise: done"),
        pytest.param([GRAVE], 8, id="something else stored: in part"),
        pytest.param([UNVERIFIED], 8, id="not read back: in part"),
        pytest.param([REJECTED], 8, id="rejected: in part"),
        pytest.param([VANISHED], 7, id="rejected since it has moved: refused"),
        pytest.param([VANISHED, APPLIED], 8, id="one applied, one has moved: in part"),
        pytest.param([REDIRECTED], 4, id="redirected: configuration"),
        pytest.param([UNKNOWN], 9, id="unknown: unknown"),
        pytest.param([REVIEW], 7, id="moved since the plan: refused"),
        pytest.param([KEY], 4, id="key refused at once: configuration"),
        pytest.param([DOWN, DOWN], 10, id="unreachable at once: unavailable"),
        pytest.param([STATE], 5, id="state not writable: state"),
        pytest.param([APPLIED, DOWN], 8, id="one applied, then unreachable: in part"),
        pytest.param([APPLIED, KEY], 8, id="one applied, then key refused: in part"),
        pytest.param([APPLIED, REVIEW], 8, id="one applied, one back for review: in part"),
        pytest.param([HARMLESS, DOWN], 8, id="one stored otherwise, then unreachable: in part"),
        pytest.param([APPLIED, STATE], 5, id="one applied, then state failed: state"),
        pytest.param([APPLIED, UNKNOWN, STATE], 9, id="unknown is graver than state"),
        pytest.param([REVIEW, DOWN], 7, id="refused is graver than unavailable"),
        pytest.param([KEY, DOWN], 4, id="the key is graver than unavailable"),
        pytest.param([KEY, REVIEW], 7, id="refused is graver than the key"),
        pytest.param([REJECTED, SKIPPED], 8, id="rejected, and what refers to it skipped: in part"),
        pytest.param([UNKNOWN, SKIPPED, APPLIED], 9, id="unknown wins over everything"),
    ],
)
def test_the_gravest_wins(outcomes: list[Outcome], code: int) -> None:
    for order in itertools.permutations(outcomes):
        assert exit_code(order) == code


def test_anything_less_than_done_is_never_zero() -> None:
    for status in Status:
        for cause in (ExitCode.REFUSED, ExitCode.UNAVAILABLE):
            code = exit_code([APPLIED, outcome(status, cause=cause)])
            assert (code == ExitCode.DONE) is (status is Status.APPLIED)


def test_the_document_is_the_contracts() -> None:
    done = outcome(Status.APPLIED, id="1", detail="read back and equal")
    assert to_document("e", "sha256:d", [UNKNOWN, done, done]) == {
        "format_version": "1.0",
        "environment": "e",
        "digest": "sha256:d",
        "summary": {"applied": 2, "unknown": 1},
        "outcomes": [
            {"custom_id": "a", "id": None, "action": "update", "status": "unknown", "detail": ""},
            *[{"custom_id": "a", "id": "1", "action": "update", "status": "applied", "detail": "read back and equal"}]
            * 2,
        ],
    }


def test_the_new_diff_of_what_comes_back_is_told_as_in_a_plan() -> None:
    field = FieldChange(path=("name",), origin=Origin.CONFLICT, recorded="A", live=ABSENT, desired=None)
    (told,) = to_document("e", "sha256:d", [replace(REVIEW, fields=(field,))])["outcomes"]
    assert told["fields"] == [{"path": "/name", "origin": "conflict", "recorded": "A", "desired": None}]


def test_the_summary_is_in_the_order_of_the_statuses() -> None:
    assert list(summary([outcome(status) for status in reversed(Status)])) == [status.value for status in Status]
