"""Files in canonical form: which ones are meant, what each would become, and writing it in the file's place."""

import glob
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Final, TypeAlias

from reconciler.adapters.manifests.discovery import discover
from reconciler.adapters.manifests.document import Malformed, Refusal
from reconciler.adapters.manifests.excerpts import excerpts
from reconciler.adapters.manifests.files import MAX_MANIFEST, read_below, too_large
from reconciler.adapters.manifests.manifest import problem_diagnostic, refused
from reconciler.adapters.manifests.rewriting import formatted
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.order import key_order
from reconciler.adapters.store.durable import replace_file
from reconciler.core.spelling import did_you_mean
from reconciler.errors import UsageError
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.excerpt import Excerpt

SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatting:
    """What came of one manifest: its bytes and what they would be, or why it is none."""

    file: str
    before: bytes = b""
    after: bytes = b""
    diagnostics: tuple[Diagnostic, ...] = ()
    excerpts: tuple[Excerpt | None, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Tell whether the manifest is not in canonical form."""
        return self.before != self.after


Format: TypeAlias = Callable[[str, bytes | Refusal], Formatting]


def formatter() -> Format:
    """Return the function that formats the bytes of one manifest, which it calls by the name that it is given."""
    schema = json.loads((schemas_folder() / SEQUENCE_SCHEMA).read_bytes())

    def format_(file: str, data: bytes | Refusal) -> Formatting:
        if isinstance(data, Refusal):
            return Formatting(file=file, diagnostics=(refused(file, data),), excerpts=(None,))
        after = formatted(data, lambda value: key_order(schema, value))
        if isinstance(after, Malformed):
            diagnostics = tuple(problem_diagnostic(file, each) for each in after.problems)
            lines = tuple(excerpts(data, [each.span for each in diagnostics], is_manifest=True))
            return Formatting(file=file, diagnostics=diagnostics, excerpts=lines)
        return Formatting(file=file, before=data, after=after)

    return format_


def read_stream(stream: IO[bytes]) -> bytes | Refusal:
    """Return all that a stream holds, or why it is too much for a manifest."""
    data = stream.read(MAX_MANIFEST + 1)
    return too_large(MAX_MANIFEST) if len(data) > MAX_MANIFEST else data


def format_files(root: Path, paths: Iterable[Path]) -> Iterator[tuple[Path, Formatting]]:
    """Format what the paths mean: manifests, folders of manifests, patterns; UsageError for anything else."""
    format_ = formatter()
    files, unreadable = _meant(root, paths)
    yield from unreadable
    for file in files:
        yield file, format_(_shown(root, file), read_below(file.parent, [file.name], limit=MAX_MANIFEST))


def write_formatted(file: Path, formatting: Formatting) -> None:
    """Put the canonical form in the place of a manifest, which keeps its mode; UsageError where that fails."""
    try:
        replace_file(file, formatting.after, mode=stat.S_IMODE(file.stat().st_mode))
    except OSError as error:
        raise UsageError(
            f"cannot write {formatting.file}: {(error.strerror or type(error).__name__).lower()}",
            hint="its content is still what it was",
        ) from error


def _meant(root: Path, paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, Formatting]]]:
    """Return the files that are meant, each once, and what cannot be read of the folders."""
    files: dict[Path, None] = {}
    unreadable: list[tuple[Path, Formatting]] = []
    for path in chain.from_iterable(_expanded(root, each) for each in paths):
        # Not `resolve`: a link is itself what there is something to say about.
        place = Path(os.path.abspath(root / path))  # noqa: PTH100
        if place.is_dir():
            found = discover(place)
            files.update((place / each, None) for each in found.paths)
            for each in found.refused:
                file = place / each.path
                name = _shown(root, file)
                diagnostics = (refused(name, each.refusal),)
                unreadable.append((file, Formatting(file=name, diagnostics=diagnostics, excerpts=(None,))))
        elif place.name.endswith(SUFFIXES) and os.path.lexists(place):
            files[place] = None
        else:
            raise UsageError(f"{path} is no manifest, and no folder with manifests", hint=_near(place))
    return list(files), unreadable


def _near(place: Path) -> str:
    """Return what was probably meant, of what lies beside."""
    try:
        beside = sorted(each.name for each in place.parent.iterdir() if each.is_dir() or each.name.endswith(SUFFIXES))
    except OSError:  # only a hint is lost
        beside = []
    return did_you_mean(place.name, beside) or "manifests end in .yaml or .yml"


def _expanded(root: Path, path: Path) -> list[Path]:
    """Return the manifests and folders that a pattern means; the path itself where it is none, or means nothing."""
    if not glob.has_magic(str(path)) or os.path.lexists(root / path):
        return [path]
    found = sorted(map(Path, glob.iglob(str(path), root_dir=root, recursive=True)))  # noqa: PTH207 - takes absolute ones
    return [each for each in found if each.name.endswith(SUFFIXES) or (root / each).is_dir()] or [path]


def _shown(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
