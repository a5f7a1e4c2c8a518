"""The field table of design, section 5, stated again as rows and tried on every combination of values."""

import itertools
import json
from typing import Any

import pytest

from reconciler.core.fields import Verdict, merge
from reconciler.model.change import Origin
from reconciler.model.jsonvalue import ABSENT

VALUES = [ABSENT, None, "a", "b", "c", "1", "", 1, 1.0, 0, True, False, [], [1], {}, {"a": 1.0}]


def label(value: Any) -> str:
    """One text for one JSON value: what is equal by meaning is written alike, nothing else is."""
    if value is ABSENT:
        return "-"
    return json.dumps(value).replace(".0", "")


def expected(recorded: Any, desired: Any, live: Any) -> Origin | Verdict:
    """Row for row as in the design; an absent `desired` is a value (remove it) that was never new or taken over."""
    r, d, l = label(recorded), label(desired), label(live)  # noqa: E741 - the table's own letter
    rows = [
        (l == d, Verdict.IN_STEP),
        (r == "-" and d != "-" and l == "-", Origin.NEW),
        (r == "-" and d != "-", Origin.TAKEOVER),
        (r == d, Origin.DRIFT),
        (l == r, Origin.AUTHORED),
        (True, Origin.CONFLICT),
    ]
    return next(verdict for matches, verdict in rows if matches)


@pytest.mark.parametrize("recorded", VALUES, ids=lambda value: f"recorded {value!r}")
def test_every_combination_follows_the_table(recorded: Any) -> None:
    wrong = [
        f"R={recorded!r} D={desired!r} L={live!r}: {found}"
        for desired, live in itertools.product(VALUES, repeat=2)
        if (found := merge(recorded, desired, live)) is not expected(recorded, desired, live)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("recorded", "desired", "live", "verdict"),
    [
        pytest.param("a", "a", "a", Verdict.IN_STEP, id="all three agree: in step"),
        pytest.param("a", "b", "b", Verdict.IN_STEP, id="live already is what is desired: in step"),
        pytest.param("a", "b", "a", Origin.AUTHORED, id="only the manifest moved: authored"),
        pytest.param("a", "a", "b", Origin.DRIFT, id="only live moved: drift"),
        pytest.param("a", "b", "c", Origin.CONFLICT, id="both moved: conflict"),
        pytest.param(ABSENT, "a", ABSENT, Origin.NEW, id="nobody had it: new"),
        pytest.param(ABSENT, "a", "b", Origin.TAKEOVER, id="not ours, and it has a value: takeover"),
        pytest.param(ABSENT, "a", None, Origin.TAKEOVER, id="null is a value: takeover, not new"),
        pytest.param(None, None, ABSENT, Origin.DRIFT, id="null became absent: drift"),
        pytest.param("a", None, "a", Origin.AUTHORED, id="nulled by the manifest: authored"),
        pytest.param(None, "a", ABSENT, Origin.CONFLICT, id="null, a, absent: conflict"),
        pytest.param(True, 1, True, Origin.AUTHORED, id="true is not 1: authored"),
        pytest.param(5, 5.0, 5, Verdict.IN_STEP, id="5 is 5.0: in step"),
        pytest.param("a", ABSENT, "a", Origin.AUTHORED, id="left out by the manifest: authored"),
        pytest.param("a", ABSENT, "b", Origin.CONFLICT, id="left out by the manifest and moved live: conflict"),
        pytest.param("a", ABSENT, ABSENT, Verdict.IN_STEP, id="left out and already away: in step"),
        pytest.param(ABSENT, ABSENT, "a", Origin.DRIFT, id="added behind the tool's back: drift"),
    ],
)
def test_the_rows_in_words(recorded: Any, desired: Any, live: Any, verdict: Origin | Verdict) -> None:
    assert merge(recorded, desired, live) is verdict
    assert expected(recorded, desired, live) is verdict
