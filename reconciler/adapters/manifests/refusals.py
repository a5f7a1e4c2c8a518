"""The sentences of refusals that say the same wherever they happen, and the words for a syntax error."""

from typing import Final

from yaml.error import MarkedYAMLError, YAMLError

from reconciler.adapters.manifests.characters import point
from reconciler.adapters.manifests.document import MAX_DEPTH, MAX_EVENTS, Problem, Refusal
from reconciler.model import rules
from reconciler.model.diagnostic import FILE_START, Span

DIRECTIVE: Final = Refusal(
    rules.DIRECTIVE, "YAML directives are not read the same way everywhere", "remove the line that begins with `%`"
)
SECOND_DOCUMENT: Final = Refusal(
    rules.SECOND_DOCUMENT, "a second document begins here, and a file is one manifest", "move it to a file of its own"
)
FILE_IS_EMPTY: Final = Refusal(rules.EMPTY_FILE, "the file is empty", "write a manifest, or delete the file")
NOTHING_IN_FILE: Final = Refusal(
    rules.EMPTY_FILE, "the file holds nothing but comments", "write a manifest, or delete the file"
)
TAG: Final = Refusal(rules.TAG, "YAML tags turn a value into something that JSON has not", "remove the tag")
TOO_DEEP: Final = Refusal(rules.TOO_DEEP, f"values are nested deeper than {MAX_DEPTH} levels", "nest them less")
TOO_LONG: Final = Refusal(rules.TOO_LONG, f"the manifest has more than {MAX_EVENTS:,} parts", "split it")
UNKNOWN_ANCHOR: Final = Refusal(rules.ALIAS, "the alias names no anchor before it", "write the value out")
RECURSIVE_ALIAS: Final = Refusal(rules.ALIAS, "the alias stands inside the value that it names", "write the value out")
ALIAS_BOUND: Final = Refusal(
    rules.ALIAS_BOUND, "the aliases are too many, or too large when they are written out", "use fewer aliases"
)
KEY_NOT_TEXT: Final = Refusal(rules.KEY_NOT_TEXT, "a key is text, and this is not", "put the key in quotes")
BIDI: Final = Refusal(
    rules.BIDI, "the text holds an invisible character that reverses the direction of writing", "remove the character"
)


def not_a_mapping(what: str) -> Refusal:
    """Say that the document is something else than a mapping."""
    return Refusal(
        rules.NOT_A_MAPPING, f"a manifest is a mapping of keys to values, not {what}", "begin with `custom_id:`"
    )


def duplicate_key(first: Span) -> Refusal:
    """Say where the key stood before."""
    return Refusal(
        rules.DUPLICATE_KEY,
        f"the key stands twice in this mapping, first at {first.line}:{first.column}",
        "keep one of the two",
    )


def syntax_problem(error: YAMLError, text: str) -> Problem:
    """Put a parser's error into words, at the place that it complains about."""
    span, words, character = FILE_START, "it cannot be read", ""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = error.problem or error.context or words
        if mark is not None:
            span = point(text, min(mark.index, len(text)))
            character = text[mark.index : mark.index + 1]
    return Problem(rule=rules.SYNTAX, message=f"not valid YAML: {words}", hint=_hint(character), span=span)


def _hint(character: str) -> str:
    match character:
        case "\t":
            return "indent with spaces, not with tabs"
        case ":":
            return "put the text in quotes if the colon belongs to it"
        case "@" | "`" | "%" | "&" | "*" | "!" | "|" | ">":
            return "put text that begins with a sign in quotes"
        case _:
            return "compare the indentation, quotes and brackets with the lines before"
