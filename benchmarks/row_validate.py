"""Rows about `validate`: cold, with nothing changed, with one file changed, and beside the validators that people know.

The peers get the same files and the same schema, and do less: they check each file by the schema, and nothing else.
"""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.context import ROOT, Context
from benchmarks.generate import path_of
from benchmarks.measure import interleaved, run
from benchmarks.repository import Repository
from benchmarks.table import Missing, Row

_SCHEMA: Final = ROOT / "schemas" / "sequence.schema.json"
_PARSING: Final = "CSafeLoader, parsing alone"
# What the issue asks of each, as ours to theirs.
_COLD, _SAME, _ONE_CHANGED, _CHECK_JSONSCHEMA, _AJV = 0.45, 0.1, 0.15, 1 / 12, 1.0


def validate(context: Context) -> Iterator[Row | Missing]:
    """Compare `validate` with parsing the same bytes, and with its peers."""
    for count in map(context.size, (1_000, 10_000)):
        repository = context.recorded(count)
        yield _beside_parsing(context, repository, f"validate {count:,}", _cold(repository), _COLD)
        if count >= context.size(10_000):
            # With fewer, starting Python is most of it.
            same, touched = _remembering(repository), _one_changed(repository, context)
            yield _beside_parsing(context, repository, f"validate {count:,}, nothing changed", same, _SAME)
            yield _beside_parsing(context, repository, f"validate {count:,}, one changed", touched, _ONE_CHANGED)
        yield _beside(context, repository, "ajv-cli", _ajv(), _AJV, context.runs)
    # check-jsonschema takes a minute and a half for 10,000: once is enough.
    for count, runs in ((context.size(1_000), context.runs), (context.size(10_000), 0)):
        yield _beside(
            context, context.recorded(count), "check-jsonschema", _check_jsonschema(), _CHECK_JSONSCHEMA, runs
        )


def _cold(repository: Repository) -> Callable[[], float]:
    return lambda: repository.run("validate").seconds


def _remembering(repository: Repository) -> Callable[[], float]:
    return lambda: repository.run("validate", cold=False).seconds


def _one_changed(repository: Repository, context: Context) -> Callable[[], float]:
    path = repository.manifests / path_of(context.size(10_000) // 2)

    def touched() -> float:
        path.write_bytes(path.read_bytes() + b"# one more line\n")
        return repository.run("validate", cold=False).seconds

    return touched


def _beside_parsing(
    context: Context, repository: Repository, what: str, ours: Callable[[], float], bound: float
) -> Row:
    mine, floor = interleaved(
        context.runs, ours, lambda: float(context.floor("parse_yaml", repository.manifests).stdout.split()[0])
    )
    return Row(what=what, ours=mine, floor=floor, unit="s", floor_is=_PARSING, bound=bound, judged=not context.quick)


def _beside(
    context: Context, repository: Repository, name: str, command: Sequence[str] | None, bound: float, runs: int
) -> Row | Missing:
    files = sorted(map(str, repository.manifests.rglob("*.yaml")))
    what = f"validate {len(files):,} beside {name}"
    if command is None:
        return Missing(what=what, why=f"{name} is not installed: `make peers` does it")

    def theirs() -> float:
        return run([*command, *(files if name != "ajv-cli" else _listed(files))], cwd=repository.root).seconds

    mine, floor = interleaved(max(runs, 1), _cold(repository), theirs, warm=runs > 0)
    return Row(what=what, ours=mine, floor=floor, unit="s", floor_is=name, bound=bound, judged=not context.quick)


def _listed(files: Sequence[str]) -> list[str]:
    return [argument for file in files for argument in ("-d", file)]


def _check_jsonschema() -> list[str] | None:
    script = Path(sys.executable).with_name("check-jsonschema")
    return [str(script), "--schemafile", str(_SCHEMA)] if script.exists() else None


def _ajv() -> list[str] | None:
    script = Path(sys.prefix) / "peers" / "node_modules" / ".bin" / "ajv"
    if not script.exists() or shutil.which("node") is None:
        return None
    return [str(script), "validate", "--spec=draft2020", "--strict=false", "-c", "ajv-formats", "-s", str(_SCHEMA)]
