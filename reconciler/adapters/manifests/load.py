"""All manifests of a repository: what they ask for together, or all that is wrong with them, in one run.

The result depends on what the files hold, not on the order in which the system lists them, nor on how many processes
read them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Final, TypeAlias

from reconciler.adapters.manifests.across import Locator, check_across
from reconciler.adapters.manifests.discovery import Discovered, discover
from reconciler.adapters.manifests.document import Malformed, Refusal
from reconciler.adapters.manifests.expiring import check_expired
from reconciler.adapters.manifests.files import Below
from reconciler.adapters.manifests.forking import can_fork, halved
from reconciler.adapters.manifests.instructions import resolve
from reconciler.adapters.manifests.manifest import (
    Check,
    Inspect,
    Judge,
    ManifestReader,
    Reading,
    Silence,
    refused,
)
from reconciler.adapters.manifests.memory import Entries, payloads_of, recall, remember, unchanged
from reconciler.adapters.manifests.placing import place
from reconciler.adapters.manifests.sharing import Sharing
from reconciler.adapters.manifests.transfer import decode, encode, parts_of, reading_of
from reconciler.core.collector import paused_collector
from reconciler.model.diagnostic import Diagnostic, Finding, Severity
from reconciler.model.pointer import Path
from reconciler.model.sequence import Desired

# The file, and the digest of everything that decides beside the bytes of the manifests.
Cache: TypeAlias = tuple[FilePath, str]

# Below this many files to read, or only to compare, starting a process and moving its results costs more than it saves.
WORTH_FORKING: Final = 400
WORTH_FORKING_TO_COMPARE: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the manifests ask for, sorted by custom_id, and what is wrong, sorted by place.

    A manifest with an error of its own asks for nothing. `files` counts the manifests that were found.
    """

    desired: tuple[Desired, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int


def load(
    root: FilePath,
    folder: str,
    *,
    variables: Mapping[str, str],
    check: Check,
    inspect: Inspect,
    today: str = "",
    silence: Silence | None = None,
    judge: Judge | None = None,
    cache: Cache | None = None,
    given: Mapping[str, bytes] = MappingProxyType({}),
    is_check: bool = False,
    labels: Collection[str] = (),
    shared: Sharing | None = None,
    processes: int | None = None,
) -> Loaded:
    """Read all manifests below `folder` of the repository at `root`.

    `check` judges a value as it is written; `inspect` a payload that passed, together with the manifest's instructions.
    `today` is the day (`YYYY-MM-DD`, in UTC) by which what holds until some day has run out; "" comes before all days.
    `silence` takes out of what was found what comments in the manifest allow.
    `judge` gives what else is found the severity that its rule is configured to have.
    `cache` is where results are kept for the next run, with the digest of all that decides beside the files' bytes.
    `given` are bytes that count instead of those on disk, by path relative to `folder`; the files need not exist.
    `is_check` is for whoever wants to know only what is wrong: then nothing is desired.
    `labels` are those of the environment: what is for others alone is checked, and not asked for.
    `shared` is what was read with other sets of variables: what is in it is not read again.
    `processes` is for tests: None decides by the number of files and by what is safe here.
    """
    found = discover(root / folder, also=given)
    prefix = f"{FilePath(folder).as_posix()}/" if FilePath(folder).parts else ""
    reader = ManifestReader(
        folder=root / folder,
        prefix=prefix,
        variables=variables,
        check=check,
        inspect=inspect,
        silence=silence,
        judge=judge,
        given=given,
        # What is remembered is for a plan as well.
        keeps_payloads=not is_check or cache is not None,
        labels=labels,
    )
    with paused_collector():
        if shared is None:
            readings = _recalled(reader, found.paths, cache, processes, is_check=is_check)
        else:
            readings = _shared(reader, found.paths, cache, processes, shared)
        by_file = {prefix + path: reading for path, reading in zip(found.paths, readings, strict=True)}
        diagnostics = [each for reading in readings for each in reading.diagnostics]
        locator = _locator(reader)
        # Asked each time anew: what is remembered of a manifest knows nothing of the days that pass.
        diagnostics += check_across(by_file, locator) + check_expired(by_file, locator, today)
    loaded = _loaded(found, prefix, by_file, diagnostics, labels)
    return replace(loaded, desired=()) if is_check else loaded


def _loaded(
    found: Discovered,
    prefix: str,
    readings: Mapping[str, Reading],
    diagnostics: list[Diagnostic],
    labels: Collection[str],
) -> Loaded:
    diagnostics += [refused((prefix + each.path).rstrip("/") or ".", each.refusal) for each in found.refused]
    broken = {each.file for each in diagnostics if each.severity is Severity.ERROR}
    desired = [each.desired for file, each in readings.items() if each.desired is not None and file not in broken]
    meant = (each for each in desired if each.instructions.is_for(labels))
    return Loaded(
        desired=tuple(sorted(meant, key=lambda each: each.custom_id)),
        diagnostics=_told_once(diagnostics),
        files=len(found.paths),
    )


def _told_once(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by place; what is wrong in a file that several manifests bring in is told once."""
    told: dict[tuple[object, ...], Diagnostic] = {}
    for each in diagnostics:
        key = each.order if each.manifests else (*each.order, each.path)
        first = told.setdefault(key, each)
        if first is not each and each.manifests:
            told[key] = replace(first, manifests=tuple(dict.fromkeys(first.manifests + each.manifests)))
    return tuple(sorted(told.values(), key=lambda each: each.order))


def _shared(
    reader: ManifestReader, paths: Sequence[str], cache: Cache | None, processes: int | None, shared: Sharing
) -> list[Reading]:
    """Read the manifests, save those that were read with the same variables before."""
    known = {path: reading for path in paths if (reading := shared.get(reader, path)) is not None}
    left = [path for path in paths if path not in known]
    # What is remembered on disk is one set of variables: the first.
    first = cache if shared.is_empty else None
    read = dict(zip(left, _recalled(reader, left, first, processes, is_check=False), strict=True))
    for path, reading in read.items():
        shared.put(reader, path, reading)
    return [known[path] if path in known else read[path] for path in paths]


def _recalled(
    reader: ManifestReader, paths: Sequence[str], cache: Cache | None, processes: int | None, *, is_check: bool
) -> list[Reading]:
    """Read the manifests that are not remembered, and remember them."""
    if cache is None:
        return _read(reader, paths, processes)
    known = {path: entry for path, entry in recall(*cache).items() if path not in reader.given}
    kept = {path: known[path] for path in _unchanged(reader, known, paths, processes)}
    payloads = {} if is_check else payloads_of(cache[0], kept)
    if not is_check:
        kept = {path: entry for path, entry in kept.items() if path in payloads}
    left = [path for path in paths if path not in kept]
    read = dict(zip(left, _read(reader, left, processes), strict=True))
    new = {path: parts_of(reading) for path, reading in read.items() if reading.fingerprint}
    if new or len(known) > len(paths):
        remember(*cache, kept, new)
    return [reading_of(*kept[path][:2], payloads.get(path)) if path in kept else read[path] for path in paths]


def _unchanged(reader: ManifestReader, known: Entries, paths: Sequence[str], processes: int | None) -> list[str]:
    """Return the paths of the manifests of which what is known still counts."""
    asked = [path for path in paths if path in known]

    def compare(part: Sequence[str]) -> list[bool]:
        return unchanged(reader.folder, (known[path][0] for path in part))

    if _processes(processes, len(asked), WORTH_FORKING_TO_COMPARE) == 1:
        still = compare(asked)
    else:
        still = halved(asked, compare, encode=bytes, decode=lambda data: list(map(bool, data)))
    return list(compress(asked, still))


def _read(reader: ManifestReader, paths: Sequence[str], processes: int | None) -> list[Reading]:
    def read(part: Sequence[str]) -> list[Reading]:
        with Below(reader.folder) as below:
            return [reader.read(path, below) for path in part]

    if _processes(processes, len(paths), WORTH_FORKING) == 1:
        return read(paths)
    return halved(paths, read, encode=encode, decode=decode)


def _processes(wanted: int | None, count: int, worth: int) -> int:
    if wanted is not None:
        return wanted
    return 2 if count >= worth and can_fork() else 1


def _locator(reader: ManifestReader) -> Locator:
    def data_of(file: str) -> bytes:
        data = reader.data_of(file.removeprefix(reader.prefix))
        return b"" if isinstance(data, Refusal) else data

    def line(file: str, path: Path) -> int:
        from reconciler.adapters.manifests.reader import locate

        return locate(data_of(file)).place(path).line

    @lru_cache(maxsize=1)
    def references(file: str) -> Mapping[str, Path]:
        from reconciler.adapters.manifests.reader import read

        document = read(data_of(file))
        if isinstance(document, Malformed):
            return {}
        manifest = file.removeprefix(reader.prefix)
        found = resolve(document.value, folder=reader.folder, manifest=manifest, variables={}).references
        return dict(reversed(found))

    def reference(file: str, name: str) -> Path:
        return references(file).get(name, ())

    def placed(file: str, findings: Sequence[Finding]) -> list[Diagnostic]:
        return place(file, data_of(file), findings)

    return Locator(place=placed, line=line, reference=reference)
