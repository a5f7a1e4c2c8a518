"""What `validate` does: check the manifests, and show what is wrong in the format that was asked for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.cli.session import Session, emit, is_ascii, say, width
from reconciler.errors import ExitCode, UsageError
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.wiring.checked import MOST_EXCERPTS, Given, checkout_prefix, excerpts_of
from reconciler.wiring.workspace import Workspace, load_manifests, manifest_paths

_STDIN: Final = "-"
# More than any manifest may have: what is longer is refused without being read to its end.
_MOST: Final = 2**20 + 1


def validate(session: Session, paths: tuple[str, ...], format_: str, stdin_filename: str | None = None) -> ExitCode:
    """Check all manifests, and show what is wrong in those that are meant: all of them where no path is given."""
    workspace = session.workspace()
    given = _given(workspace, paths, stdin_filename)
    loaded = load_manifests(workspace, given, is_check=True)
    found = Found(files=loaded.files, diagnostics=loaded.diagnostics, given=given)
    if paths:
        found = _only(workspace, tuple(f"{workspace.settings.manifests}/{path}" for path in given) or paths, found)
    show(session, workspace, format_, found)
    is_invalid = any(each.severity is Severity.ERROR for each in found.diagnostics)
    return ExitCode.INVALID if is_invalid else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is to be shown: how many manifests were meant, what is wrong in them, and what came from stdin."""

    files: int
    diagnostics: tuple[Diagnostic, ...]
    given: Given


def _given(workspace: Workspace, paths: Sequence[str], filename: str | None) -> Given:
    """Read stdin where that was asked for, and say whose place it takes."""
    if _STDIN not in paths:
        if filename is not None:
            raise UsageError(
                "--stdin-filename says where stdin belongs, and stdin is not read",
                hint=f"read it with `reconciler validate - --stdin-filename {filename}`",
            )
        return {}
    if len(paths) > 1:
        raise UsageError("`-` is one manifest on stdin, and stands alone", hint="name files, or `-` alone")
    if filename is None:
        raise UsageError(
            "a manifest on stdin has no place",
            hint="add --stdin-filename PATH, where PATH is that of the manifest in the repository",
        )
    from reconciler.cli.choosing import place_of

    return {place_of(workspace, filename): sys.stdin.buffer.read(_MOST)}


def _only(workspace: Workspace, paths: Sequence[str], found: Found) -> Found:
    """Keep what is wrong in the manifests that are meant, and in the files that they take in."""
    from reconciler.cli.choosing import chosen

    manifests = {*manifest_paths(workspace), *(f"{workspace.settings.manifests}/{path}" for path in found.given)}
    meant = chosen(workspace, paths, manifests | {each.file for each in found.diagnostics})
    told = (each for each in found.diagnostics if each.file in meant or not meant.isdisjoint(each.manifests))
    return replace(found, files=len(meant & manifests), diagnostics=tuple(told))


def show(session: Session, workspace: Workspace, format_: str, found: Found) -> None:
    """Write the result in the format that was asked for; each view is imported where it is needed."""
    from reconciler.view import diagnostics_text

    files, diagnostics = found.files, found.diagnostics
    match format_:
        case "json":
            from reconciler.view.documents import diagnostics_document, json_text

            emit(json_text(diagnostics_document(files, diagnostics)))
        case "github":
            from reconciler.view.annotations import annotations

            emit(annotations(diagnostics, prefix=checkout_prefix(workspace.settings.root)))
        case "gitlab":
            from reconciler.view.code_quality import code_quality
            from reconciler.view.documents import json_text

            emit(json_text(code_quality(diagnostics, prefix=checkout_prefix(workspace.settings.root))))
        case "sarif":
            from reconciler.core.rulebook.catalogue import RULES
            from reconciler.view.documents import json_text
            from reconciler.view.sarif import sarif

            emit(json_text(sarif(diagnostics, RULES, prefix=checkout_prefix(workspace.settings.root))))
        case "concise":
            emit(diagnostics_text.concise_text(diagnostics))
            if not session.quiet:
                say(diagnostics_text.closing_line(files, diagnostics))
        case _:
            emit(_text(session, workspace, found))
            if len(diagnostics) > MOST_EXCERPTS and not session.quiet:
                say(f"Lines are shown for {MOST_EXCERPTS} of {len(diagnostics):,}; name files or folders to see more.")


def _text(session: Session, workspace: Workspace, found: Found) -> str:
    from reconciler.view.diagnostics_text import Telling, diagnostics_text

    telling = Telling(
        paint=session.paint(),
        width=width(),
        breaks=sys.stdout.isatty(),
        is_ascii=is_ascii(sys.stdout),
        quiet=session.quiet,
        titles=_titles() if session.verbose else {},
    )
    excerpts = excerpts_of(workspace, found.diagnostics, found.given)
    return diagnostics_text(found.files, found.diagnostics, excerpts, telling)


def _titles() -> dict[str, str]:
    from reconciler.core.rulebook.catalogue import RULES

    return {rule.id: rule.title for rule in RULES.values()}
