"""A short fuzz run of the real command, the same inputs each time. `make fuzz` goes on for as long as it is told."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Ten times what a megabyte takes: what is not reached in it takes minutes.
_CPU_SECONDS = 20


def test_every_input_ends_in_an_answer_within_the_memory(tmp_path: Path) -> None:
    # How long each takes is only judged by `make fuzz`: here other tests may run beside it.
    command = ["-m", "tests.fuzz", "--inputs", "120", "--seed", "7", "--patience", "40", "--keep", str(tmp_path)]
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert ran.stdout.startswith("120 inputs: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sign", ["0", "a-"])
def test_a_line_of_a_megabyte_is_shown_in_one_go(tmp_path: Path, sign: str) -> None:
    """Where what is searched for in it would begin anew at each of its signs, it took minutes."""
    (tmp_path / "sequences").mkdir()
    line = (sign * 1_000_000)[:1_000_000]
    (tmp_path / "sequences" / "a.yaml").write_text(f"custom_id: a\nfilter:\n  or:\n    - x\n  {line}\n")
    command = [sys.executable, "-m", "reconciler", "-C", str(tmp_path), "validate"]
    limit = (_CPU_SECONDS, _CPU_SECONDS)
    ran = subprocess.run(
        command, capture_output=True, check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, limit)
    )
    assert (ran.returncode, ran.stderr) == (3, b"")
