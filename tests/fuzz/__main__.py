"""`python -m tests.fuzz`: mutate manifests and validate them until time or inputs are used up; exit 1 on a complaint.

Each input that earns a complaint is kept in the folder that `--keep` names, under its seed and number.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from itertools import chain
from pathlib import Path

from reconciler.cli.validate import command
from tests.fuzz.inputs import ROOT, Mutator, seeds, wide
from tests.fuzz.runs import complaint, import_everything, validate


def main() -> int:
    """Fuzz and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--inputs", type=int, default=sys.maxsize)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--patience", type=float, default=2.0, help="seconds of CPU that one input may take")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    given = parser.parse_args()
    os.environ.update({"RECONCILER_NO_CACHE": "1", "NO_COLOR": "1"})
    import_everything()
    with tempfile.TemporaryDirectory(prefix="reconciler-fuzz-") as folder:
        return _fuzz(Path(folder), given)


def _fuzz(root: Path, given: argparse.Namespace) -> int:
    (root / "sequences").mkdir()
    shutil.copy(ROOT / "reconciler.toml", root)
    (root / "sequences" / "text.txt").write_text("Hello\n", encoding="utf-8")
    manifest = root / "sequences" / "fuzzed.yaml"
    chance = random.Random(given.seed)  # noqa: S311 - a test's choice, not a secret
    mutator, ended_in = Mutator(chance, seeds()), Counter[int]()
    formats = next(each for each in command.params if each.name == "format_").type.choices  # type: ignore[attr-defined]
    deadline, complaints, slowest = time.monotonic() + given.seconds, 0, 0.0
    inputs = chain(wide(), iter(mutator.draw, None))
    while time.monotonic() < deadline and ended_in.total() < given.inputs:
        data = next(inputs)
        manifest.write_bytes(data)
        format_ = chance.choice(("json", *formats))
        ended = validate(root, format_)
        ended_in[ended.code] += 1
        slowest = max(slowest, ended.seconds)
        if (why := complaint(ended, format_, given.patience)) is not None:
            complaints += 1
            given.keep.mkdir(parents=True, exist_ok=True)
            kept = given.keep / f"{given.seed}-{ended_in.total()}.yaml"
            kept.write_bytes(data)
            print(f"{kept} ({len(data)} bytes, as {format_}): {why}", flush=True)
    codes = ", ".join(f"{count} ended with {code}" for code, count in sorted(ended_in.items()))
    print(f"{ended_in.total()} inputs: {codes}; the slowest took {slowest:.2f} s of CPU; {complaints} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
