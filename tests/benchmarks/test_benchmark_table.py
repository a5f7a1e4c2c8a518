"""The table and the command around it. Nothing here asserts how long anything takes."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.context import silence
from benchmarks.measure import Series, peak_megabytes, run
from benchmarks.table import Missing, Row, table

ROOT = Path(__file__).resolve().parents[2]


def _row(ours: float, *, bound: float | None = 2.0, judged: bool = True) -> Row:
    return Row(what="w", ours=Series((ours,)), floor=Series((1.0,)), unit="s", floor_is="f", bound=bound, judged=judged)


def test_the_median_is_judged_and_the_best_is_shown() -> None:
    row = Row(what="w", ours=Series((9.0, 3.0, 4.0)), floor=Series((1.0, 2.0, 2.0)), unit="s", floor_is="f", bound=1.9)
    assert (row.ratio, row.at_best) == (2.0, 3.0)
    assert row.missed


@pytest.mark.parametrize(
    ("row", "verdict", "missed"),
    [
        (_row(2.0), "ok", False),
        (_row(2.1), "MISSED", True),
        (_row(9.0, bound=None), "", False),
        (_row(9.0, judged=False), "not judged", False),
    ],
)
def test_a_bound_is_missed_only_beyond_it_and_where_it_counts(row: Row, verdict: str, missed: bool) -> None:
    assert (row.verdict, row.missed) == (verdict, missed)


def test_the_table_names_each_side_the_ratio_and_the_verdict() -> None:
    lines = table([_row(2.1)]).splitlines()
    assert lines[0].split() == ["what", "ours", "floor", "ratio", "at", "best", "bound"]
    assert lines[1].split() == ["w", "2.10", "s", "1.00", "s", "f", "2.10", "2.10", "<=", "2", "MISSED"]


def test_what_could_not_be_measured_is_shown_with_the_reason_and_misses_nothing() -> None:
    row = Missing(what="beside a peer", why="it is not installed")
    assert not row.missed
    line = table([row]).splitlines()[1]
    assert line.startswith("beside a peer")
    assert "it is not installed" in line
    assert line.endswith("not measured")


@pytest.mark.parametrize(("ours", "code"), [(1.0, 0), (3.0, 1)])
def test_the_exit_code_tells_whether_a_bound_is_missed(
    ours: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROWS", {"help": lambda _context: iter([_row(ours)])})
    assert command.main(["help"]) == code
    assert ("MISSED" in capsys.readouterr().out) == bool(code)


def test_an_unknown_row_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["plann"])
    assert ended.value.code == 2
    assert "the rows are help, plan," in capsys.readouterr().err


def test_a_connection_to_the_silent_address_is_noticed() -> None:
    with silence() as nobody:
        nobody.check()
        host, port = nobody.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))), pytest.raises(RuntimeError):
            nobody.check()


def test_memory_is_that_of_all_processes_together(tmp_path: Path) -> None:
    hold = "import os, time; pid = os.fork(); held = bytes(range(256)) * 160_000; time.sleep(0.3); pid and os.wait()"
    assert peak_megabytes([sys.executable, "-c", hold], cwd=tmp_path) > 80


def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path)


def test_the_quick_table_measures_everything_and_misses_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for part in ("reconciler --help", "nothing changed", "peak memory", "updates", "creates", "save one", "load state"):
        assert part in done.stdout
    assert "MISSED" not in done.stdout
