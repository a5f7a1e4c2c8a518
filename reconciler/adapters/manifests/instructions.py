"""Resolves the objects `{$file: ...}` and `{$var: ...}` inside a manifest's value, and collects `{$sequence: ...}`.

Text goes into values that are already parsed, never into YAML: what a file or a variable holds can not become a key,
a number or another instruction. A reference stays in the payload as it is written until the sequence's id is known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import getitem
from pathlib import Path as FilePath
from typing import Any, Final

from reconciler.adapters.manifests.characters import BOM, UNFIT_IN_VALUE, point
from reconciler.adapters.manifests.document import MAX_EXPANDED_CHARACTERS, MAX_PROBLEMS, Refusal, Value
from reconciler.adapters.manifests.files import MAX_BODY, read_below
from reconciler.adapters.manifests.memory import Fingerprint, digest_of
from reconciler.adapters.manifests.spelling import did_you_mean
from reconciler.core.enough import AGAIN
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.pointer import Path

FILE: Final = "$file"
VARIABLE: Final = "$var"
SEQUENCE: Final = "$sequence"
INSTRUCTIONS: Final = frozenset({FILE, VARIABLE, SEQUENCE})
# How an instruction's key shows in a file: as it is, or by an escape. Without these there is nothing to look for.
SIGNS: Final = (b"$file", b"$var", b"$sequence")
_ESCAPE: Final = b"\\"
# What YAML is read into; asked a hundred times for each manifest, for which isinstance is too slow.
_NESTED: Final = frozenset({dict, list})

# Looking for a likely spelling takes a millisecond where there are many names.
_MAX_SUGGESTIONS: Final = 20
_TOO_MUCH: Final = Refusal(
    rules.FILE_CONTENT,
    f"`$file` and `$var` bring in more than {MAX_EXPANDED_CHARACTERS // 2**20} MiB together",
    "use smaller files, or fewer",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A value without `$file` and `$var`; the paths of its references; and the instructions that failed.

    `is_changed` tells whether any text was put in: such a value has not been checked yet. `files` are those whose text
    was put in, relative to the manifests folder, with the digests of their bytes. `origins` has the path of each text
    that a file brought in, and that file; `sources` says in words where each text came from. `is_all_told`
    is False where so many instructions failed that `findings` has not all of them.
    """

    value: Value
    references: tuple[tuple[str, Path], ...]
    findings: tuple[Finding, ...]
    is_changed: bool
    files: Fingerprint = ()
    origins: Mapping[Path, str] = field(default_factory=dict)
    sources: Mapping[Path, str] = field(default_factory=dict)
    is_all_told: bool = True

    def source(self, path: Path) -> str | None:
        """Return in words where the text at a path came from, None where it is the manifest's own."""
        return next((words for at, words in self.sources.items() if path[: len(at)] == at), None)


def are_possible(data: bytes) -> bool:
    """Tell whether a manifest's bytes can hold an instruction: most do not, and need not be walked."""
    return any(sign in data for sign in (*SIGNS, _ESCAPE))


def resolve(
    value: Value,
    *,
    folder: FilePath,
    manifest: str,
    variables: Mapping[str, str],
    paths: Sequence[Path] | None = None,
) -> Resolved:
    """Resolve all instructions in a manifest's value; `manifest` is its path relative to the folder, with `/`.

    `paths` are those of all instructions, in order, where they are known: otherwise the whole value is walked.
    """
    resolver = _Resolver(folder, tuple(manifest.split("/")[:-1]), variables)
    resolved = resolver.resolve(value, ()) if paths is None else resolver.resolve_at(value, paths)
    return Resolved(
        value=resolved,
        references=tuple(resolver.references),
        findings=resolver.enough(),
        is_changed=bool(resolver.sources),
        files=tuple(resolver.files),
        origins=resolver.origins,
        sources=resolver.sources,
        is_all_told=resolver.failed <= MAX_PROBLEMS + 1,
    )


@dataclass(slots=True)
class _Resolver:
    """Resolves one manifest. What very many instructions in it could cost is bounded here."""

    folder: FilePath
    beside: tuple[str, ...]
    variables: Mapping[str, str]
    references: list[tuple[str, Path]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    origins: dict[Path, str] = field(default_factory=dict)
    texts: dict[tuple[str, ...], str | Refusal] = field(default_factory=dict)
    characters: int = 0
    failed: int = 0
    suggestions: int = _MAX_SUGGESTIONS
    sources: dict[Path, str] = field(default_factory=dict)

    def resolve(self, value: Value, path: Path) -> Any:
        """Return the value with its instructions resolved; what holds none is returned as it is, not copied."""
        changed: Any = None
        if isinstance(value, dict):
            if not INSTRUCTIONS.isdisjoint(value):
                return self._instruction(value, path)
            for key, child in value.items():
                if type(child) in _NESTED and (new := self.resolve(child, (*path, key))) is not child:
                    changed = dict(value) if changed is None else changed
                    changed[key] = new
        elif isinstance(value, list):
            for position, child in enumerate(value):
                if type(child) in _NESTED and (new := self.resolve(child, (*path, position))) is not child:
                    changed = list(value) if changed is None else changed
                    changed[position] = new
        return value if changed is None else changed

    def resolve_at(self, value: Any, paths: Sequence[Path]) -> Any:
        """Return what `resolve` does, going only to where the instructions are."""
        copies: dict[Path, Any] = {}
        for path in paths:
            instruction = reduce(getitem, path, value)
            new = self._instruction(instruction, path)
            if new is not instruction:
                container = copies.get(path[:-1])
                if container is None:
                    container = _copied(value, path[:-1], copies)
                container[path[-1]] = new
        return copies.get((), value)

    def _instruction(self, value: dict[str, Any], path: Path) -> Value:
        name = next(key for key in value if key in INSTRUCTIONS)
        argument = value[name]
        if len(value) > 1:
            return self._refuse(
                path,
                Refusal(rules.BAD_INSTRUCTION, f"`{name}` stands beside other keys", f"write {{{name}: ...}} alone"),
            )
        if not isinstance(argument, str) or not argument:
            return self._refuse(
                path, Refusal(rules.BAD_INSTRUCTION, f"`{name}` takes one text", f'write {{{name}: "..."}}')
            )
        if name == SEQUENCE:
            self.references.append((argument, path))
            return value
        if self.characters > MAX_EXPANDED_CHARACTERS:
            return self._refuse(path, _TOO_MUCH)
        text = self._text(argument) if name == FILE else self._variable(argument)
        if isinstance(text, Refusal):
            return self._refuse(path, text)
        self.sources[path] = f"the file `{argument}`" if name == FILE else f"the variable `{argument}`"
        if name == FILE and isinstance(parts := _parts(argument, self.beside), tuple):
            self.origins[path] = "/".join(parts)
        self.characters += len(text)
        return text

    def _refuse(self, path: Path, refusal: Refusal) -> Value:
        """Note why an instruction is not followed; nothing stands in its place."""
        self.failed += 1
        if self.failed <= MAX_PROBLEMS + 1:
            self.findings.append(Finding(rule=refusal.rule, message=refusal.message, path=path, hint=refusal.hint))
        return None

    def enough(self) -> tuple[Finding, ...]:
        """Return what is told of the instructions that failed."""
        others = self.failed - MAX_PROBLEMS
        if others <= 1:
            return tuple(self.findings)
        message = f"{others:,} more instructions of this manifest fail, from here on: they are not listed"
        return (*self.findings[:-1], replace(self.findings[-1], message=message, hint=AGAIN))

    def _likely(self, name: str, known: Callable[[], Iterable[str]]) -> str | None:
        self.suggestions -= 1
        return did_you_mean(name, known()) if self.suggestions >= 0 else None

    def _variable(self, name: str) -> str | Refusal:
        if name in self.variables:
            return self.variables[name]
        return Refusal(
            rules.UNKNOWN_VARIABLE,
            f"the environment has no variable `{name}`",
            self._likely(name, lambda: self.variables) or "add it to the environment's `variables` in reconciler.toml",
        )

    def _text(self, written: str) -> str | Refusal:
        parts = _parts(written, self.beside)
        if isinstance(parts, Refusal):
            return parts
        if parts not in self.texts:
            self.texts[parts] = self._read(parts, written)
        return self.texts[parts]

    def _read(self, parts: tuple[str, ...], written: str) -> str | Refusal:
        data = read_below(self.folder, parts, limit=MAX_BODY)
        if isinstance(data, Refusal):
            hint = self._nearest_file(parts) if data.rule == rules.UNREADABLE else data.hint
            return Refusal(rules.FILE_CONTENT, f"the file `{written}` is not used: {data.message}", hint)
        self.files.append(("/".join(parts), digest_of(data)))
        return _decode(data, written)

    def _nearest_file(self, parts: tuple[str, ...]) -> str:
        def names() -> list[str]:
            try:
                return [each.name for each in self.folder.joinpath(*parts[:-1]).iterdir()]
            except OSError:  # only a hint is lost
                return []

        return self._likely(parts[-1], names) or "the path is relative to the manifest's folder"


def _copied(value: Any, path: Path, copies: dict[Path, Any]) -> Any:
    """Copy the containers from a value down to the one at a path, except those that are copies already."""
    if path in copies:
        return copies[path]
    if not path:
        copies[path] = copied = value.copy()
        return copied
    above = _copied(value, path[:-1], copies)
    copies[path] = above[path[-1]] = copied = above[path[-1]].copy()
    return copied


def _parts(written: str, beside: tuple[str, ...]) -> tuple[str, ...] | Refusal:
    """Return the path of a file relative to the manifests folder, decided by its spelling alone."""
    if written.startswith(("/", "~")) or "\\" in written or not written.isprintable():
        return Refusal(
            rules.FILE_PATH,
            "a file is named relative to the manifest, with `/` between its parts",
            "leave out a leading `/` or `~`, and backslashes",
        )
    parts = list(beside)
    for part in written.split("/"):
        if part == ".." and not parts:
            return Refusal(
                rules.FILE_PATH, "the path leads out of the manifests folder", "put the file into the manifests folder"
            )
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    if not parts or written.endswith(("/", "/.", "/..")) or written in {".", ".."}:
        return Refusal(rules.FILE_PATH, "the path names a folder", "name a file in it")
    return tuple(parts)


def _decode(data: bytes, written: str) -> str | Refusal:
    try:
        # Line breaks become what they are in a YAML text, so that a checkout on Windows sends the same bytes.
        text = data.decode("utf-8").removeprefix(BOM).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Refusal(rules.FILE_CONTENT, f"the file `{written}` is not UTF-8, line {line}", "save it as UTF-8")
    unfit = UNFIT_IN_VALUE.search(text)
    if unfit is not None:
        at = point(text, unfit.start())
        return Refusal(
            rules.FILE_CONTENT,
            f"the file `{written}` holds the control character U+{ord(unfit.group()):04X} at {at.line}:{at.column}",
            "remove it; only tabs and line breaks are allowed",
        )
    return text
