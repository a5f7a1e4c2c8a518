"""The sentences of refusals that say the same wherever they happen."""

from typing import Final

from reconciler.adapters.manifests.document import MAX_DEPTH, MAX_EVENTS, MAX_PROBLEMS, Problem, Refusal
from reconciler.model import rules
from reconciler.model.diagnostic import Span

DIRECTIVE: Final = Refusal(
    rules.DIRECTIVE, "YAML directives are not read the same way everywhere", "remove the line that begins with `%`"
)
SECOND_DOCUMENT: Final = Refusal(
    rules.SECOND_DOCUMENT, "a second document begins here, and a file is one manifest", "move it to a file of its own"
)
FILE_IS_EMPTY: Final = Refusal(rules.EMPTY_FILE, "the file is empty", "write a manifest, or delete the file")
NOTHING_IN_FILE: Final = Refusal(rules.EMPTY_FILE, "the file holds no keys", "write a manifest, or delete the file")
TAG: Final = Refusal(
    rules.TAG,
    "`!` begins a YAML tag, which not every reader understands",
    "remove the tag; put text that begins with `!` in quotes",
)
TOO_DEEP: Final = Refusal(rules.TOO_DEEP, f"values are nested deeper than {MAX_DEPTH} levels", "nest them less")
TOO_LONG: Final = Refusal(rules.TOO_LONG, f"the manifest has more than {MAX_EVENTS:,} parts", "split it")
UNKNOWN_ANCHOR: Final = Refusal(
    rules.ALIAS,
    "`*` begins an alias, and nothing before it has this name",
    "put it in quotes if it is text, or write the value out",
)
RECURSIVE_ALIAS: Final = Refusal(rules.ALIAS, "the alias stands inside the value that it names", "write the value out")
ALIAS_BOUND: Final = Refusal(
    rules.ALIAS_BOUND, "the aliases are too many, or too large when they are written out", "use fewer aliases"
)
KEY_NOT_TEXT: Final = Refusal(
    rules.KEY_NOT_TEXT, "a key has to be text, and to YAML this is something else", "put the key in quotes"
)
TOKEN: Final = Refusal(
    rules.KEY_NOT_TEXT, "to YAML a text that begins with `{{` is keys with values", "put the whole text in quotes"
)
BIDI: Final = Refusal(
    rules.BIDI, "the text holds an invisible character that reverses the direction of writing", "remove the character"
)


def enough(span: Span) -> Problem:
    """Say that reading stops at a place, where enough is wrong."""
    return Problem(
        rule=rules.TOLD_ENOUGH,
        message=f"reading stopped here, after {MAX_PROBLEMS} mistakes: there may be more",
        hint="mend these, and run `reconciler validate` again",
        span=span,
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
        f"this key stands here a second time; the first is in line {first.line}",
        "keep one of the two",
    )
