"""Diagnostics for people: the place first, so that a terminal or an editor can jump there."""

from collections.abc import Iterator, Sequence

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.view.terminal import Paint, inert_line
from reconciler.view.words import counted


def diagnostics_text(files: int, diagnostics: Sequence[Diagnostic], paint: Paint) -> str:
    """Return all diagnostics and a closing line that counts them."""
    return "\n".join(_lines(files, diagnostics, paint)) + "\n"


def _lines(files: int, diagnostics: Sequence[Diagnostic], paint: Paint) -> Iterator[str]:
    for each in diagnostics:
        colour = "red" if each.severity is Severity.ERROR else "yellow"
        where = f"{inert_line(each.file)}:{each.span.line}:{each.span.column}"
        yield f"{paint(where, 'bold')}: {paint(each.severity.value, colour)}: {inert_line(each.message)} [{each.rule}]"
        if each.hint:
            yield f"  {paint('hint:', 'cyan')} {inert_line(each.hint)}"
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    warnings = len(diagnostics) - errors
    checked = counted(files, "manifest")
    if not diagnostics:
        yield f"{checked} checked, all valid."
        return
    found = [counted(errors, "error")] * bool(errors) + [counted(warnings, "warning")] * bool(warnings)
    yield paint(f"{checked} checked: {', '.join(found)}.", "bold")
