"""Diagnostics as workflow commands of GitHub Actions, which shows them at their lines in a pull request.

A step shows ten annotations of each severity and drops the others without a word, so only the first ten are commands;
the others are plain lines of the log, and a last command says so. What a command holds is escaped as the runner reads
it back; what could be a command of its own is not left as one.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.errors import ReconcilerError
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.view.diagnostics_text import concise_line, tally
from reconciler.view.terminal import inert_line

MOST: Final = 10


def annotations(diagnostics: Sequence[Diagnostic], *, prefix: str) -> str:
    """Return the commands; `prefix` leads from the root of the checkout to that of the repository of manifests."""
    left = dict.fromkeys(Severity, MOST)
    shown: list[Diagnostic] = []
    rest: list[Diagnostic] = []
    for each in diagnostics:
        (shown if left[each.severity] > 0 else rest).append(each)
        left[each.severity] -= 1
    return "".join(line + "\n" for line in _lines(shown, rest, prefix))


def failure_annotation(error: ReconcilerError) -> str:
    """Return the command that says why there are no diagnostics."""
    return _command("error", {"title": error.kind}, _message(error.message, error.hint)) + "\n"


def _lines(shown: Sequence[Diagnostic], rest: Sequence[Diagnostic], prefix: str) -> Iterator[str]:
    yield from (_annotation(each, prefix) for each in shown)
    yield from (concise_line(each) for each in rest)
    if rest:
        message = f"not shown here: {tally(rest)}; GitHub shows {MOST} of each for a step, the log of this step has all"
        yield _command("notice", {"title": "reconciler"}, message)


def _annotation(each: Diagnostic, prefix: str) -> str:
    span = each.span
    place = {"file": prefix + each.file, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:
        # The runner takes columns only where they are on one line.
        place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    return _command(each.severity.value, {**place, "title": each.rule}, _message(each.message, each.hint))


def _message(message: str, hint: str | None) -> str:
    return inert_line(message) + (f"\nhint: {inert_line(hint)}" if hint else "")


def _command(name: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(inert_line(text)).replace(":", "%3A").replace(",", "%2C")
