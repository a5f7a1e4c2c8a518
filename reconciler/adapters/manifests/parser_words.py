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
_BLOCK: Final = "write `|` behind the key, and each line of the text below it, indented by two spaces more than the key"
_QUOTE_INSIDE: Final = r"put the text in single quotes or below `|`, or write `\"` for each quote in it"
_PLAIN_WORDS: Final = (
    ("mapping values are not allowed", ("a key stands where none can", "indent it like the keys beside it")),
    (
        "could not find expected ':'",
        ("this is no key with a value", "write a space after the colon of a key"),
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
    (
        "unknown escape",
        ("a backslash in double quotes begins a sign, and this is none", "put the text in single quotes"),
    ),
    ("comment or line break", ("a text after `|` or `>` stands in the lines below", "begin a new line, or use quotes")),
    ("mapping keys are not allowed", ("text cannot begin with this sign", _IN_QUOTES)),
)
# What other programs make of what somebody typed; each with how it looks, where it has to be mended, and what it is.
_TYPED: Final = (
    (
        re.compile(r"^ *(?:- +)*\S*[:-]?(?P<sign>\u00a0)", re.MULTILINE),
        "a no-break space (U+00A0) stands where only ordinary spaces may",
        "type the space anew: it came along with what was pasted",
    ),
    (
        re.compile(r"^ *(?P<sign>[\u2022\u2013\u2014\u25aa\u25cf\u2212])[ \t]", re.MULTILINE),
        "this sign begins no entry of a list",
        "begin each entry with `- `",
    ),
    (
        re.compile(r"^(?P<sign>```)", re.MULTILINE),
        "a fence of Markdown is no part of a manifest",
        "remove the lines that begin with three backticks",
    ),
)
_MARKUP: Final = re.compile(r"[ \t]*</?[A-Za-z!]")


def syntax_problem(error: YAMLError, text: str) -> Problem:
    """Put a parser's error into words, at the place that it complains about."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        span = point(text, conflict.start())
        message = "a merge left its conflict here"
        hint = "decide it, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
        return Problem(rule=rules.SYNTAX, message=message, hint=hint, span=span)
    for pattern, message, hint in _TYPED:
        if (found := pattern.search(text)) is not None:
            span = point(text, found.start("sign"))
            return Problem(rule=rules.SYNTAX, message=f"not valid YAML: {message}", hint=hint, span=span)
    if not isinstance(error, MarkedYAMLError):
        return Problem(rule=rules.SYNTAX, message="not valid YAML", hint=_COMPARE, span=FILE_START)
    mark, words = error.problem_mark or error.context_mark, error.problem or ""
    if "end of stream" in words and "quoted scalar" in (error.context or ""):
        mark = error.context_mark
    if "expected ':'" in words:
        # What should have been a key began there; the parser goes on as far as it can.
        mark = error.context_mark or mark
    span = FILE_START if mark is None else point(text, min(mark.index, len(text)))
    if "maximum nesting depth" in words:
        return Problem(rule=TOO_DEEP.rule, message=TOO_DEEP.message, hint=TOO_DEEP.hint, span=span)
    before, behind = ("", "") if mark is None else _line_at(text, mark.index)
    message, hint = _in_plain_words(words, before, behind)
    return Problem(rule=rules.SYNTAX, message=f"not valid YAML: {message}", hint=hint, span=span)


def _line_at(text: str, index: int) -> tuple[str, str]:
    """Return a line up to a place in it, and from there."""
    return text[:index].rpartition("\n")[2], text[index:].partition("\n")[0]


def _in_plain_words(words: str, before: str, behind: str) -> tuple[str, str]:
    """Return the message and the hint for a parser's words, with the line up to the place, and from there."""
    if behind.startswith("\t"):
        return "a tab stands where only spaces may", "indent with spaces, not with tabs"
    if "node content" in words and not behind:
        return (
            "a bracket or brace is still open where the file ends",
            "close a list with `]`, and keys in braces with `}`",
        )
    if words.startswith("mapping values are not allowed") and ": " in before:
        return "a second `:` in the line makes it another key", "put the text in quotes if the colon belongs to it"
    return _told_by_the_line(words, before, behind) or next(
        (said for part, said in _PLAIN_WORDS if part in words), (words, _COMPARE)
    )


def _told_by_the_line(words: str, before: str, behind: str) -> tuple[str, str] | None:
    """Return what the line itself tells better than the parser does."""
    if _MARKUP.match(before + behind):
        return "a line of HTML stands where a key must", _BLOCK
    if behind.startswith("//"):
        return "`//` begins no comment", "begin a comment with `#`"
    if "expected ':'" in words and re.match(r"[\w-]+ *=", behind):
        return "this is no key with a value", "write `:` and a space behind the key, not `=`"
    if "expected key" in words and not before.strip():
        return "the line is not indented like the keys that it stands below", "begin it where they begin"
    if "expected key" in words and '"' in before:
        return "something stands behind a value that has ended", _QUOTE_INSIDE
    return None
