"""The corpus: wrong manifests, and what is said of each. Its README says how a case is added."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reconciler.model.diagnostic import Diagnostic
from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.without_rights import without_rights

CORPUS: Final = Path(__file__).parent
EXPECTED: Final = "expected"
PREPARE: Final = "prepare.sh"
CONFIGURATION: Final = "reconciler.toml"


def _cases() -> Iterator[tuple[str, Path]]:
    for theme in sorted(each for each in CORPUS.iterdir() if each.is_dir() and not each.name.startswith("__")):
        for case in sorted(theme.iterdir()):
            if case.is_dir() or case.suffix == ".yaml":
                yield f"{theme.name}/{case.stem}", case


CASES: Final = dict(_cases())


def expected_of(case: Path) -> Path:
    """The file that holds what is said of a case."""
    return case / EXPECTED if case.is_dir() else case.with_suffix(f".{EXPECTED}")


def said_of(case: Path, root: Path) -> str:
    """Check a case in an empty folder and return what is said of it, in the form of an expectation."""
    folder = root / "sequences"
    if case.is_dir():
        shutil.copytree(case, folder, symlinks=True)
        (folder / EXPECTED).unlink(missing_ok=True)
        if (folder / CONFIGURATION).exists():
            (folder / CONFIGURATION).replace(root / CONFIGURATION)
        if (folder / PREPARE).exists():
            subprocess.run(["sh", "-e", PREPARE], cwd=folder, check=True)
            (folder / PREPARE).unlink()
    else:
        folder.mkdir()
        shutil.copy(case, folder)
    found = diagnostics_of(root)
    return "\n".join(_shown(each, with_file=case.is_dir()) for each in found) if found else "nothing\n"


def diagnostics_of(root: Path) -> tuple[Diagnostic, ...]:
    """Check the repository in a folder, as somebody to whom something can be forbidden."""
    workspace = open_workspace(root, None)
    with without_rights():
        return load_manifests(workspace).diagnostics


def _shown(each: Diagnostic, *, with_file: bool) -> str:
    span = each.span
    where = f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
    file = f"{each.file}:" if with_file else ""
    return f"{file}{where} {each.severity.value} {each.rule} {each.path}\n  {each.message}\n  hint: {each.hint}\n"
