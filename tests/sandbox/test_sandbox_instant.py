"""Texts that look like instants and are none."""

import pytest

from reconciler.sandbox.instant import in_milliseconds, is_instant, with_offset


@pytest.mark.parametrize(
    "text", ["", "2026-01-01", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+02:00"]
)
def test_what_is_no_instant_is_left_alone(text):
    assert not is_instant(text)
    assert (in_milliseconds(text), with_offset(text)) == (text, text)
