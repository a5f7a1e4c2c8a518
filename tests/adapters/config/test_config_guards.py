"""`[environments.NAME.guards]`: what it may say; anything that could be meant otherwise refuses everything."""

from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.adapters.config.reader import choose, load_settings
from reconciler.errors import ConfigurationError
from reconciler.model.guards import NO_GUARDS, Adoption, Day, Guards, Period, Rule, Senders, Weekly

BERLIN = ZoneInfo("Europe/Berlin")


def guards(folder: Path, text: str) -> Guards:
    (folder / "reconciler.toml").write_text(f"[environments.sandbox.guards]\n{text}\n", encoding="utf-8")
    return choose(load_settings(folder, {}), "sandbox").guards


def test_without_a_table_nothing_is_limited_but_writes_to_what_has_ended(tmp_path: Path) -> None:
    assert choose(load_settings(tmp_path, {}), "sandbox").guards == NO_GUARDS == guards(tmp_path, "")
    assert NO_GUARDS.ended is Rule.REFUSE


def test_everything_that_guards_can_say_is_read(tmp_path: Path) -> None:
    found = guards(
        tmp_path,
        """
        max_changes = 20
        max_changes_percent = 5.6
        acknowledge = "R3"
        senders = { domains = ["Example.com"], names = ["Example"] }
        protected = ["billing-*", "terms"]
        freeze = [
          { from = "2026-12-24T00:00", to = "2027-01-02T00:00", zone = "Europe/Berlin" },
          { from = 2026-12-24T00:00:00, to = 2027-01-02 00:00:30, zone = "UTC" },
          { days = ["sat", "sun"], hours = "18:00-08:00", zone = "Europe/Berlin" },
          { days = ["fri"], zone = "Europe/Berlin" },
          { hours = "20:00-24:00", zone = "Europe/Berlin" },
          { hours = "00:00-24:00", zone = "Europe/Berlin" },
        ]
        ended = "allow"
        adoption = "refuse"
        drift = "refuse"
        """,
    )
    eve, day = datetime.fromisoformat("2026-12-24"), datetime.fromisoformat("2027-01-02")
    assert found == Guards(
        max_changes=20,
        max_changes_percent=Fraction(56, 10),
        acknowledge="R3",
        senders=Senders(domains=("example.com",), names=("Example",)),
        protected=("billing-*", "terms"),
        freeze=(
            Period(begin=eve, end=day, zone=BERLIN),
            Period(begin=eve, end=day.replace(second=30), zone=ZoneInfo("UTC")),
            Weekly(days=(Day.SAT, Day.SUN), begin=time(18), end=time(8), zone=BERLIN),
            Weekly(days=(Day.FRI,), zone=BERLIN),
            Weekly(days=tuple(Day), begin=time(20), end=time(0), zone=BERLIN),
            Weekly(days=tuple(Day), zone=BERLIN),
        ),
        ended=Rule.ALLOW,
        adoption=Adoption.REFUSE,
        drift=Rule.REFUSE,
    )


def window(text: str) -> str:
    return f"freeze = [{{ {text} }}]"


BERLIN_TIME = 'zone = "Europe/Berlin"'
TO = f'to = "2027-01-02T00:00", {BERLIN_TIME}'
FROM_TO = 'from = "2026-12-24T00:00", to = "2027-01-02T00:00"'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("max_change = 5", "unknown key `max_change`", "did you mean `max_changes`?"),
        ('max_changes = "5"', "`max_changes` must be a whole number", None),
        ("max_changes = -1", "`max_changes` must be a whole number", None),
        ("max_changes = true", "`max_changes` must be a whole number", None),
        ("max_changes = 2.0", "`max_changes` must be a whole number", None),
        ("max_changes_percent = 0", "more than 0, and 100 at most", None),
        ("max_changes_percent = 101", "more than 0, and 100 at most", None),
        ("max_changes_percent = nan", "more than 0, and 100 at most", None),
        ("max_changes_percent = inf", "more than 0, and 100 at most", None),
        ('max_changes_percent = "10"', "more than 0, and 100 at most", None),
        ("max_changes_percent = true", "more than 0, and 100 at most", None),
        ('acknowledge = "R5"', '`acknowledge` must be one of "R0", "R1"', None),
        ("acknowledge = 3", '`acknowledge` must be one of "R0", "R1"', None),
        ("senders = []", "must be a table", None),
        ("senders = {}", "neither `domains` nor `names`", None),
        ('senders = { domain = ["x.example"] }', "unknown key `domain`", "did you mean `domains`?"),
        ('senders = { domains = "x.example" }', "`domains` must be a list of texts", None),
        ('senders = { domains = ["@x.example"] }', "something that is no domain", None),
        ('senders = { domains = ["ada@x.example"] }', "something that is no domain", None),
        ('senders = { domains = ["*.x.example"] }', "something that is no domain", None),
        ("senders = { names = [5] }", "`names` must be a list of texts", None),
        ('senders = { names = [" "] }', "`names` must be a list of texts", None),
        ('protected = "billing"', "`protected` must be a list of texts", None),
        ('protected = ["billing/*"]', "a pattern that no custom_id can match", None),
        ('ended = "yes"', '`ended` must be one of "allow", "refuse"', None),
        ("ended = true", '`ended` must be one of "allow", "refuse"', None),
        ('drift = "refused"', '`drift` must be one of "allow", "refuse"', "did you mean `refuse`?"),
        ('adoption = "ask"', '`adoption` must be one of "asked", "allow", "refuse"', "did you mean `asked`?"),
        ("freeze = {}", "`freeze` must be a list of tables", None),
        ("freeze = [5]", "`environments.sandbox.guards.freeze[1]` must be a table", None),
        (window(BERLIN_TIME), "it says neither `from` and `to` nor `days` or `hours`", None),
        (window(FROM_TO), "it needs a `zone`", None),
        (window(f'{FROM_TO}, zone = "Europe/Berlim"'), "no time zone `Europe/Berlim`", "did you mean `Europe/Berlin`?"),
        (window(f'{FROM_TO}, zone = "../../etc/passwd"'), "no time zone `../../etc/passwd`", None),
        (window(f'{FROM_TO}, zone = "+01:00"'), "no time zone `+01:00`", None),
        (window(f"{FROM_TO}, {BERLIN_TIME}, days = ['sat']"), "both a period (`from`, `to`) and a weekly window", None),
        (window(f"{FROM_TO}, {BERLIN_TIME}, until = 5"), "unknown key `until`", None),
        (window(f'from = "2026-12-24T00:00", {BERLIN_TIME}'), "`to` is no local time", None),
        (
            window(f'from = "2027-01-02T00:00", {TO}'),
            "`to` must be after `from`",
            None,
        ),
        (window(f'from = "2026-12-24", {TO}'), "`from` is no local time", None),
        (window(f"from = 2026-12-24, {TO}"), "`from` is no local time", None),
        (
            window(f'from = "2026-12-24T00:00Z", {TO}'),
            "`from` is no local time",
            None,
        ),
        (window(f"from = 2026-12-24T00:00:00Z, {TO}"), "is no local time", None),
        (
            window(f'from = "2026-02-30T00:00", {TO}'),
            "a time that there is not",
            None,
        ),
        (window(f"days = [], {BERLIN_TIME}"), '`days` must be a list of "mon"', None),
        (window(f"days = 'sat', {BERLIN_TIME}"), '`days` must be a list of "mon"', None),
        (window(f"days = ['Sat'], {BERLIN_TIME}"), '`days` must be a list of "mon"', "did you mean `sat`?"),
        (window(f"hours = '18-8', {BERLIN_TIME}"), "two times of the day", None),
        (window(f"hours = '18:00-25:00', {BERLIN_TIME}"), "a time that there is not", None),
        (window(f"hours = '08:00-08:00', {BERLIN_TIME}"), "begins and ends at the same time", None),
    ],
)
def test_a_guard_that_cannot_be_read_refuses_everything(
    tmp_path: Path, text: str, message: str, hint: str | None
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        guards(tmp_path, text)
    assert message in caught.value.message
    assert "reconciler.toml" in caught.value.message
    assert hint is None or caught.value.hint == hint


def test_an_environment_that_is_not_chosen_refuses_as_well(tmp_path: Path) -> None:
    (tmp_path / "reconciler.toml").write_text("[environments.other.guards]\nmax_changes = 'many'\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="max_changes"):
        load_settings(tmp_path, {})
