"""One manifest from its file to what it asks for, or to every mistake in it with its place.

A mistake found by one step does not hide those that other steps find: whatever could be read is still checked, except
where a problem of the YAML itself has spoiled it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import getitem
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from reconciler.adapters.manifests.block import instructions_of
from reconciler.adapters.manifests.cut import find_cut
from reconciler.adapters.manifests.document import Document, Malformed, Problem, Refusal, Value
from reconciler.adapters.manifests.files import MAX_MANIFEST, Below, read_below, too_large
from reconciler.adapters.manifests.instructions import Resolved, are_possible, resolve
from reconciler.adapters.manifests.invisible import find_invisible, looks_as_it_is
from reconciler.adapters.manifests.memory import Fingerprint, digest_of
from reconciler.adapters.manifests.placing import diagnostic_at, place
from reconciler.adapters.manifests.standins import strays, with_ids
from reconciler.adapters.manifests.substitutes import Substitutes
from reconciler.core.enough import enough_of_manifest
from reconciler.model import rules
from reconciler.model.diagnostic import FILE_START, Diagnostic, Finding, Severity
from reconciler.model.jsonvalue import Json, JsonObject, canonical
from reconciler.model.pointer import Path, shown_pointer
from reconciler.model.sequence import (
    MANAGED_FIELDS,
    NO_INSTRUCTIONS,
    NO_PAYLOAD,
    Desired,
    Instructions,
    Payload,
    Source,
)

if TYPE_CHECKING:
    from reconciler.core.lint.silencing import Comment, Silenced

Check: TypeAlias = Callable[[Json], tuple[Finding, ...]]
Inspect: TypeAlias = Callable[[JsonObject, Instructions], tuple[Finding, ...]]

# What is left of findings where comments silence some; told on which lines the value of a finding stands.
Silence: TypeAlias = Callable[[Sequence[Finding], "Sequence[Comment]", Callable[[Finding], Iterable[int]]], "Silenced"]
# Gives what is found in how a text is written the severity that its rule is configured to have.
Judge: TypeAlias = Callable[[Iterable[Finding]], tuple[Finding, ...]]
_COMMENT: Final = re.compile(rb"#[ \t]*reconciler[ \t]*:")

# A guess at the id in a file that cannot be parsed, only to not blame the manifests that refer to it.
_CLAIM: Final = re.compile(rb"^custom_id:[ \t]*[\"']?([A-Za-z0-9_-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one manifest. `claimed` is the custom_id that it seems to have, also where it is broken.

    `fingerprint` is what it was made from; empty where there is an error, since that is looked at every time.
    """

    claimed: str | None
    desired: Desired | None
    diagnostics: tuple[Diagnostic, ...]
    fingerprint: Fingerprint = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReader:
    """Reads manifests of one folder; `prefix` is what stands before their paths when they are shown.

    `given` are bytes that count instead of those on disk, by path: a manifest that an editor has not saved yet.
    Where payloads are not kept, they are checked, and what is desired has an empty one.
    `labels` are those of the environment: a manifest that is for others may name variables that only they have.
    """

    folder: FilePath
    prefix: str
    variables: Mapping[str, str]
    check: Check
    inspect: Inspect
    silence: Silence | None = None
    judge: Judge | None = None
    given: Mapping[str, bytes] = field(default_factory=dict)
    keeps_payloads: bool = True
    labels: Collection[str] = ()
    _substitutes: Substitutes = field(default_factory=Substitutes)

    def data_of(self, path: str, below: Below | None = None) -> bytes | Refusal:
        """Return the bytes of the manifest at a path relative to the folder, or why they are not read."""
        data = self.given.get(path)
        if data is None:
            parts = path.split("/")
            if below is not None:
                return below.read(parts, limit=MAX_MANIFEST)
            return read_below(self.folder, parts, limit=MAX_MANIFEST)
        return data if len(data) <= MAX_MANIFEST else too_large(MAX_MANIFEST)

    def read(self, path: str, below: Below | None = None) -> Reading:
        """Read the manifest at a path relative to the folder; `below` is that folder, where many are read."""
        # Imported here, since a run in which nothing changed reads nothing.
        from reconciler.adapters.manifests.reader import read

        data = self.data_of(path, below)
        if isinstance(data, Refusal):
            return Reading(claimed=None, desired=None, diagnostics=(refused(self.prefix + path, data),))
        result = read(data)
        if isinstance(result, Malformed):
            return self._malformed(path, data, result)
        return self._document(path, data, result)

    def _malformed(self, path: str, data: bytes, result: Malformed) -> Reading:
        file = self.prefix + path
        diagnostics = [problem_diagnostic(file, problem) for problem in result.problems]
        claimed = None
        if result.value is not None:
            claimed = result.value.get("custom_id")
            spoiled = [problem.path for problem in result.problems]
            resolved = self._resolve(path, data, result.value)
            found = [each for each in self.check(result.value) if not _is_under(each.path, spoiled)]
            failed = [each for each in resolved.findings if not _touches(each.path, spoiled)]
            known = _told(found)
            found += [each for each in failed if each.path not in known]
            is_all = resolved.is_all_told and all(each.rule != rules.TOLD_ENOUGH for each in found)
            inspected = self._inspect(resolved, [*spoiled, *(each.path for each in found)]) if is_all else ()
            # As below: what is only warned of, and may be silenced, is told when nothing else is in its way.
            left, _ = self._silenced(file, data, inspected)
            found += [each for each in left if each.severity is Severity.ERROR]
            diagnostics += place(file, data, enough_of_manifest(found))
        elif guess := _CLAIM.search(data):
            claimed = guess.group(1).decode("ascii")
        return Reading(
            claimed=claimed if isinstance(claimed, str) else None, desired=None, diagnostics=tuple(diagnostics)
        )

    def _document(self, path: str, data: bytes, document: Document) -> Reading:
        file = self.prefix + path
        findings = self.check(document.value)
        resolved = self._resolve(path, data, document.value, document.instructions)
        lacking: tuple[Finding, ...] = ()
        if resolved.findings:
            known, lacking = _told(findings), self._lacking(document.value, resolved)
            findings += tuple(each for each in resolved.findings if each.path not in known and each not in lacking)
        if resolved.is_changed and not lacking and not _has_error(findings):
            # What a file or a variable brought in has not been looked at yet.
            findings += self._found_in_substitutes(resolved, findings)
        if resolved.references and not lacking and not _has_error(findings):
            findings += self._found_in_references(resolved, findings)
        # Where not every mistake was looked for, nobody knows which fields are sound.
        is_all = resolved.is_all_told and all(each.rule != rules.TOLD_ENOUGH for each in findings)
        inspected = self._inspect(resolved, [each.path for each in (*findings, *lacking)]) if is_all else ()
        desired = None
        about_comments: list[Diagnostic] = []
        if _has_error(findings):
            # What is only warned of, and what a comment silences, is told when nothing else is in its way.
            left, _ = self._silenced(file, data, inspected)
            findings += tuple(each for each in left if each.severity is Severity.ERROR)
        elif not lacking:
            source = Source(file=file, line=document.line)
            desired, more_found = self._desired(source, resolved, is_as_it_looks=document.is_as_it_looks)
            more_found += find_cut(data, document.value)
            judged = more_found if self.judge is None or not more_found else self.judge(more_found)
            findings, about_comments = self._silenced(file, data, findings + inspected + judged)
        is_valid = not lacking and not _has_error(findings)
        claimed = document.value.get("custom_id")
        return Reading(
            claimed=claimed if isinstance(claimed, str) else None,
            desired=desired if is_valid else None,
            diagnostics=(*place(file, data, enough_of_manifest(findings), resolved, self.prefix), *about_comments),
            fingerprint=((path, digest_of(data)), *resolved.files) if is_valid and path not in self.given else (),
        )

    def _silenced(
        self, file: str, data: bytes, findings: tuple[Finding, ...]
    ) -> tuple[tuple[Finding, ...], list[Diagnostic]]:
        """Return the findings that no comment silences, and what is wrong with the comments."""
        if self.silence is None or _COMMENT.search(data) is None:
            return findings, []
        from reconciler.adapters.manifests.comments import comments_of, lines_at
        from reconciler.adapters.manifests.reader import locate

        layout = locate(data)
        silenced = self.silence(findings, comments_of(data, layout), lambda each: lines_at(layout, each.path))
        return silenced.left, [diagnostic_at(file, each.comment.span, each.finding) for each in silenced.misused]

    def _found_in_substitutes(self, resolved: Resolved, known: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Judge once more a value that has passed as it is written, with the texts of files and variables in it."""
        if not known and self._substitutes.have_passed(resolved):
            return ()
        before = frozenset(known)
        found = tuple(each for each in self.check(resolved.value) if each not in before)
        if not known and not found:
            self._substitutes.note(resolved)
        return tuple(_with_origin(each, resolved) for each in found)

    def _found_in_references(self, resolved: Resolved, known: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Judge once more a value that has passed with ids in the place of references where no filter has one."""
        found = strays(resolved.references)
        judged = self.check(with_ids(resolved.value, found)) if found else ()
        return tuple(_with_origin(each, resolved) for each in judged if each not in frozenset(known))

    def _lacking(self, value: Value, resolved: Resolved) -> tuple[Finding, ...]:
        """Return the findings about variables that the environment need not have: the manifest is not for it."""
        block = value.get("reconciler") if isinstance(value, dict) else None
        if instructions_of(block).is_for(self.labels):
            return ()
        return tuple(each for each in resolved.findings if each.rule == rules.UNKNOWN_VARIABLE)

    def _resolve(self, path: str, data: bytes, value: Value, paths: Sequence[Path] | None = None) -> Resolved:
        if not (are_possible(data) if paths is None else paths):
            return Resolved(value=value, references=(), findings=(), is_changed=False)
        return resolve(value, folder=self.folder, manifest=path, variables=self.variables, paths=paths)

    def _desired(
        self, source: Source, resolved: Resolved, *, is_as_it_looks: bool
    ) -> tuple[Desired | None, tuple[Finding, ...]]:
        value: Any = resolved.value
        missing = [key for key in MANAGED_FIELDS if key not in value and key != "is_continuous"]
        if missing or not isinstance(value["custom_id"], str):
            what = missing[0] if missing else "custom_id"
            return None, (Finding(rule=rules.MISSING_KEY, message=f"`{what}` is missing or not a text", path=()),)
        payload = _payload(value)
        desired = Desired(
            custom_id=value["custom_id"],
            payload=Payload.of(payload) if self.keeps_payloads else NO_PAYLOAD,
            source=source,
            references=tuple(sorted({name for name, _ in resolved.references})),
            instructions=instructions_of(value.get("reconciler")),
        )
        if is_as_it_looks and all(looks_as_it_is(reduce(getitem, path, value), path) for path in resolved.sources):
            return desired, ()
        return desired, find_invisible(canonical(payload), payload)

    def _inspect(self, resolved: Resolved, spoiled: Collection[Path]) -> tuple[Finding, ...]:
        """Look at what passed so far, so that one mistake does not hide another.

        Where something beside the fields is wrong, what the manifest says of its audience may be what is wrong.
        """
        value: Any = with_ids(resolved.value, strays(resolved.references))
        if not isinstance(value, dict):
            # The whole manifest is an instruction, which stands for a text, or for nothing where it failed.
            return ()
        broken = {path[0] if path else None for path in spoiled}
        if not broken <= {None, *MANAGED_FIELDS}:
            broken.add("filter")
        payload = _payload(value)
        sound = {key: each for key, each in payload.items() if key not in broken}
        said = NO_INSTRUCTIONS if broken & {"reconciler"} else instructions_of(value.get("reconciler"))
        return tuple(_with_origin(each, resolved) for each in self.inspect(sound, said))


def problem_diagnostic(file: str, problem: Problem) -> Diagnostic:
    """Show a problem of the YAML itself."""
    return Diagnostic(
        rule=problem.rule,
        severity=Severity.ERROR,
        message=problem.message,
        hint=problem.hint,
        file=file,
        span=problem.span,
        path=shown_pointer(problem.path),
    )


def refused(file: str, refusal: Refusal) -> Diagnostic:
    """Show why a whole file is not read."""
    return problem_diagnostic(
        file, Problem(rule=refusal.rule, message=refusal.message, hint=refusal.hint, span=FILE_START)
    )


def _payload(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"is_continuous": True, **{key: value[key] for key in MANAGED_FIELDS if key in value}}


def _with_origin(finding: Finding, resolved: Resolved) -> Finding:
    """Say of which file or variable the text is that a finding is about."""
    # What is placed inside a file's own text need not be told where that text is.
    origin = resolved.source(finding.path) if resolved.is_changed and finding.start is None else None
    return finding if origin is None else replace(finding, message=f"{finding.message}; the text is that of {origin}")


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(each.severity is Severity.ERROR for each in findings)


def _is_under(path: Path, spoiled: Iterable[Path]) -> bool:
    return any(path[: len(each)] == each for each in spoiled)


def _touches(path: Path, spoiled: Iterable[Path]) -> bool:
    """Tell whether an instruction lies in what is spoiled, or its own text does."""
    return any(path[: len(each)] == each[: len(path)] for each in spoiled)


def _told(findings: Iterable[Finding]) -> frozenset[Path]:
    """Return the paths at or below which something is wrong already: one mistake is told once."""
    return frozenset(each.path[:length] for each in findings for length in range(len(each.path) + 1))
