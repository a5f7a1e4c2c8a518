"""A short fuzz run of the real command, the same inputs each time. `make fuzz` goes on for as long as it is told."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_input_ends_in_an_answer_within_the_memory(tmp_path: Path) -> None:
    # How long each takes is only judged by `make fuzz`: here other tests may run beside it.
    command = ["-m", "tests.fuzz", "--inputs", "120", "--seed", "7", "--patience", "40", "--keep", str(tmp_path)]
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert ran.stdout.startswith("120 inputs: ")
    assert list(tmp_path.iterdir()) == []
