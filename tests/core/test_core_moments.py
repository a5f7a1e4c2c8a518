"""How long ago a moment was: never more than it surely is."""

import pytest

from reconciler.core.moments import seconds_since


@pytest.mark.parametrize(
    ("since", "now", "seconds"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", 9),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:10+01:00", 9),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:10.500Z", 9),
        ("2026-01-01T00:00:10Z", "2026-01-01T00:00:10Z", 0),
        ("2026-01-01T00:00:11Z", "2026-01-01T00:00:10Z", 0),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:10Z", 0),
        ("T", "2026-01-01T00:00:10Z", 0),
        ("2026-01-01T00:00:00Z", "", 0),
    ],
)
def test_what_has_surely_passed(since: str, now: str, seconds: float) -> None:
    assert seconds_since(since, now) == seconds
