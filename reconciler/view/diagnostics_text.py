"""Diagnostics for people: the place first, so that a terminal or an editor can jump there."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.excerpt import Excerpt
from reconciler.view.excerpt_text import excerpt_lines
from reconciler.view.terminal import Paint, inert_line, paragraph
from reconciler.view.words import counted

_INDENT: Final = 8
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How diagnostics are told: colours, columns, and how much. `titles` are those of the rules, where they are told.

    `breaks` breaks long sentences into lines, which no program that looks for one would find. `is_ascii` is for where
    nothing else can be shown. `quiet` leaves the closing line out.
    """

    paint: Paint
    width: int
    breaks: bool = False
    is_ascii: bool = False
    quiet: bool = False
    titles: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


def diagnostics_text(
    files: int, diagnostics: Sequence[Diagnostic], excerpts: Sequence[Excerpt | None], telling: Telling
) -> str:
    """Return all diagnostics, each with its excerpt where there is one, and a closing line that counts them."""
    return "".join(line + "\n" for line in _lines(files, diagnostics, excerpts, telling))


def concise_text(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a line for each diagnostic, and nothing else."""
    return "".join(concise_line(each) + "\n" for each in diagnostics)


def concise_line(each: Diagnostic) -> str:
    """Return a diagnostic on one line, as compilers write it."""
    return f"{_where(each)}: {each.severity.value} {each.rule} {inert_line(each.message)}"


def closing_line(files: int, diagnostics: Sequence[Diagnostic]) -> str:
    """Say how many manifests were checked, and how much is wrong."""
    checked = counted(files, "manifest")
    if not diagnostics:
        return f"{checked} checked, all valid."
    return f"{checked} checked: {tally(diagnostics)}."


def tally(diagnostics: Sequence[Diagnostic]) -> str:
    """Return how many errors and warnings there are, in words."""
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    warnings = len(diagnostics) - errors
    return ", ".join([counted(errors, "error")] * bool(errors) + [counted(warnings, "warning")] * bool(warnings))


def _lines(
    files: int, diagnostics: Sequence[Diagnostic], excerpts: Sequence[Excerpt | None], telling: Telling
) -> Iterator[str]:
    is_spaced = any(excerpt is not None for excerpt in excerpts)
    for each, excerpt in zip(diagnostics, excerpts, strict=True):
        yield from _told(each, excerpt, telling)
        if is_spaced:
            yield ""
    if not telling.quiet:
        closing = closing_line(files, diagnostics)
        yield telling.paint(closing, "bold") if diagnostics else closing


def _told(each: Diagnostic, excerpt: Excerpt | None, telling: Telling) -> Iterator[str]:
    paint = telling.paint
    colour = "red" if each.severity is Severity.ERROR else "yellow"
    rule = f"[{each.rule}]"
    *before, last = _broken(
        f"{_where(each)}: {each.severity.value}: ",
        f"{paint(_where(each), 'bold')}: {paint(each.severity.value, colour)}: ",
        f"{each.message} {rule}",
        telling,
    )
    yield from before
    yield last.removesuffix(rule) + paint(rule, "dim")
    if excerpt is not None:
        yield from excerpt_lines(excerpt, width=telling.width, paint=paint, colour=colour, is_ascii=telling.is_ascii)
    if each.hint:
        yield from _broken("  hint: ", f"  {paint('hint:', 'cyan')} ", each.hint, telling)
    if each.rule in telling.titles:
        yield from _broken("  rule: ", f"  {paint('rule:', 'cyan')} ", telling.titles[each.rule], telling)


def _broken(plain: str, painted: str, text: str, telling: Telling) -> list[str]:
    """Return text behind its label, given without and with colours, broken into lines where a person is looking."""
    width = telling.width if telling.breaks else sys.maxsize
    first, *others = paragraph(text, width=width, first=plain, indent=" " * _INDENT)
    return [painted + first[len(plain) :], *others]


def _where(each: Diagnostic) -> str:
    return f"{inert_line(each.file)}:{each.span.line}:{each.span.column}"
