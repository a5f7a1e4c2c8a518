"""What is wrong where a file is not valid YAML, in words for people who do not know how a parser works."""

import re
from typing import Final

from yaml.error import MarkedYAMLError, YAMLError

from reconciler.adapters.manifests.characters import point
from reconciler.adapters.manifests.document import Problem
from reconciler.adapters.manifests.refusals import TOO_DEEP
from reconciler.model import rules
from reconciler.model.diagnostic import FILE_START

_CONFLICT: Final = re.compile(r"^(?:<<<<<<< |=======$|>>>>>>> )", re.MULTILINE)
_COMPARE: Final = "compare the indentation, quotes and brackets with the lines before"
_IN_QUOTES: Final = "put the whole text in double quotes"
_PLAIN_WORDS: Final = (
    ("mapping values are not allowed", ("a key stands where none can", "indent it like the keys beside it")),
    (
        "could not find expected ':'",
        ("the line before is no key with a value", "write a space after the colon of a key"),
    ),
    ("end of stream", ("a quote that opens here is never closed", "close it, or put the whole text in quotes")),
    ("cannot start any token", ("text cannot begin with this sign", _IN_QUOTES)),
    ("alphabetic or numeric", ("text cannot begin with `*` or `&`", _IN_QUOTES)),
    (
        "'-' indicator",
        ("the line is not indented like its neighbours", "begin it where they begin"),
    ),
    ("',' or ']'", ("a list in brackets is not closed", "close it with `]`, and write commas between its entries")),
    ("',' or '}'", ("keys in braces are not closed", "close them with `}`, and write commas between them")),
    ("node content", ("something is missing before this sign", "remove a comma or bracket that is too much")),
    ("expected key", ("something stands behind a value that has ended", f"{_IN_QUOTES}, or compare the indentation")),
)


def syntax_problem(error: YAMLError, text: str) -> Problem:
    """Put a parser's error into words, at the place that it complains about."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        span = point(text, conflict.start())
        message = "a merge left its conflict here"
        hint = "decide it, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
        return Problem(rule=rules.SYNTAX, message=message, hint=hint, span=span)
    if not isinstance(error, MarkedYAMLError):
        return Problem(rule=rules.SYNTAX, message="not valid YAML", hint=_COMPARE, span=FILE_START)
    mark, words = error.problem_mark or error.context_mark, error.problem or ""
    if "end of stream" in words and "quoted scalar" in (error.context or ""):
        mark = error.context_mark
    span = FILE_START if mark is None else point(text, min(mark.index, len(text)))
    if "maximum nesting depth" in words:
        return Problem(rule=TOO_DEEP.rule, message=TOO_DEEP.message, hint=TOO_DEEP.hint, span=span)
    before, sign = (
        ("", "") if mark is None else (text[: mark.index].rpartition("\n")[2], text[mark.index : mark.index + 1])
    )
    message, hint = _in_plain_words(words, before, sign)
    return Problem(rule=rules.SYNTAX, message=f"not valid YAML: {message}", hint=hint, span=span)


def _in_plain_words(words: str, before: str, sign: str) -> tuple[str, str]:
    """Return the message and the hint for a parser's words, with the line so far and the sign at the place."""
    if sign == "\t":
        return "a tab stands where only spaces may", "indent with spaces, not with tabs"
    if "node content" in words and not sign:
        return (
            "a bracket or brace is still open where the file ends",
            "close a list with `]`, and keys in braces with `}`",
        )
    if words.startswith("mapping values are not allowed") and ": " in before:
        return "a second `:` in the line makes it another key", "put the text in quotes if the colon belongs to it"
    return next((said for part, said in _PLAIN_WORDS if part in words), (words, _COMPARE))
