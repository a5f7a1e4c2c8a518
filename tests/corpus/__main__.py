"""Writes what is said of each case of the corpus beside it: `python -m tests.corpus [NAME...]`.

Without names only what is missing is written; with names also what is there. Read it before it is committed.
"""

import sys
import tempfile
from pathlib import Path

from tests.corpus.corpus import CASES, expected_of, said_of


def main(names: list[str]) -> None:
    for name, case in CASES.items():
        if name not in names and expected_of(case).exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            text = said_of(case, Path(folder))
        expected_of(case).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n{text}\n")


if __name__ == "__main__":
    main(list(CASES) if sys.argv[1:] == ["--all"] else sys.argv[1:])
