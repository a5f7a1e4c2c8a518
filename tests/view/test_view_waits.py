"""How long it takes, and what state holds: words that are true, and that nothing in a terminal obeys."""

from dataclasses import replace

import pytest

from reconciler.model.hold import Hold
from reconciler.model.state import Pending, Saved
from reconciler.view.state_text import history_text, list_text, record_text
from reconciler.view.terminal import Paint
from reconciler.view.words import Pace, time_left
from tests.core.core_values import payload, record, state, uuid

HOSTILE = "x\x1b[31m\n::error::y##[z]"
PLAIN = Paint()
HOLD = Hold(nonce="n-1", purpose="apply", since="2026-01-01T00:00:00Z", who="ada", host="runner", url="https://ci/1")
PENDING = {
    "a": Pending(payload=payload(), since="T1", id=uuid("a")),
    "b": Pending(payload=payload("b"), since="T2"),
    "c": Pending(payload=payload("c"), since="T3", id="told"),
}


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "pace", "expected"),
    [
        (0, 1000, 0.0, None, None),  # nothing is known yet
        (10, 1000, 10.0, None, 990.0),  # by experience
        (10, 20, 1.0, None, None),  # soon
        (0, 1000, 0.0, Pace(100, 60, 1), 600.0),  # by the limit
        (0, 100, 0.0, Pace(100, 60, 1), None),  # within the limit
        (0, 100, 0.0, Pace(100, 60, 3), 180.0),
        (50, 100, 1000.0, Pace(100, 60, 3), 1000.0),  # slower than the limit
        (0, 1000, 0.0, Pace(0, 60, 1), None),  # there is none
    ],
)
def test_the_time_left_is_the_longer_of_what_is_known(done, total, elapsed, pace, expected) -> None:
    assert time_left(done, total, elapsed, pace) == expected


def test_the_list_tells_an_update_from_a_create_and_who_holds_the_lock() -> None:
    text = list_text("production", state({"a": record("a")}, PENDING), HOLD, PLAIN)
    assert "  a  updated, perhaps: no answer since T1" in text
    assert "  b  created, perhaps: no answer since T2" in text
    assert "  c  created, perhaps: no answer since T3" in text
    assert "locked by ada on runner since 2026-01-01T00:00:00Z for `apply` (https://ci/1); nonce n-1" in text
    assert text.endswith("1 sequence recorded.\n")


def test_a_record_is_told_whole_with_what_waits() -> None:
    text = record_text("a", record("a", stored=payload(name="A ")), PENDING["a"], PLAIN)
    assert "its update of T1 got no answer" in text
    assert '"name": "A "' in text
    assert "its create of T2 got no answer" in record_text("b", None, PENDING["b"], PLAIN)


def test_nothing_that_came_from_outside_is_obeyed() -> None:
    hostile = replace(HOLD, who=HOSTILE, host=HOSTILE, url=HOSTILE, purpose=HOSTILE, nonce=HOSTILE)
    records = {HOSTILE: replace(record("a"), id=HOSTILE, status=HOSTILE)}
    texts = [
        list_text(HOSTILE, state(records, {HOSTILE: PENDING["b"]}), hostile, PLAIN),
        record_text(HOSTILE, records[HOSTILE], None, PLAIN),
        history_text([Saved(serial=1, since=HOSTILE, by=HOSTILE)]),
    ]
    for text in texts:
        assert "\x1b" not in text
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
