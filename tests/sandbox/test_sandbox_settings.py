"""Settings: how switches are written, read back and kept."""

from itertools import product

import pytest

from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Lists, Omitted, Switches
from tests.sandbox.sandbox_bodies import SCHEMA


def test_switches_survive_in_the_file_and_reach_other_processes_at_once(simulator, tmp_path, api):
    thrown = Switches.parse(["lists=reordered", "lag=3", "limit=7"])
    simulator.switches = thrown
    path = tmp_path / "deep" / "sandbox.sqlite3"
    with Simulator(path, schema=SCHEMA) as other:
        assert other.switches == thrown
        other.switches = Switches()
    assert simulator.switches == Switches()


def test_settings_are_read_back_as_they_were_written():
    for lists, omitted, lag in product(Lists, Omitted, (0, 12)):
        switches = Switches(lists=lists, omitted=omitted, lag=lag)
        assert Switches.parse(switches.settings()) == switches


def test_a_setting_changes_only_its_own_switch_and_the_last_one_wins():
    base = Switches(lag=4)
    assert Switches.parse([], base) == base
    assert Switches.parse(["lists = reordered", "limit=5", "limit=6"], base) == Switches(
        lag=4, lists=Lists.REORDERED, limit=6
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("list=kept", "there is no switch `list` (did you mean `lists`?); the switches are omitted, lists,"),
        ("", "there is no switch ``; the switches are"),
        ("lists=reorder", "switch `lists` takes kept or reordered, not `reorder` (did you mean `reordered`?)"),
        ("omitted=gone", "switch `omitted` takes kept, defaulted or nulled, not `gone`"),
        ("lists", "switch `lists` takes kept or reordered, as in `lists=kept`"),
        ("lag=-1", "switch `lag` takes a whole number from 0, not `-1`"),
        ("lag=1.5", "switch `lag` takes a whole number from 0, not `1.5`"),
        ("lag=9999999999", "switch `lag` takes a whole number from 0, not `9999999999`"),
        ("limit=٣", "switch `limit` takes a whole number from 0"),
        ("limit", "switch `limit` takes a whole number from 0"),
    ],
)
def test_a_setting_that_is_none_names_what_was_meant(setting, message):
    with pytest.raises(ValueError, match="switch") as caught:
        Switches.parse([setting])
    assert str(caught.value).startswith(message)


def test_a_switch_is_never_below_zero():
    with pytest.raises(ValueError, match="`lag` takes a whole number"):
        Switches(lag=-1)
