"""Template tokens: `{{ first_name }}`. One that is not closed, or that is misspelt, reaches people as it is written."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark, shortened
from reconciler.core.lint.text import Text
from reconciler.core.spelling import did_you_mean, first_few
from reconciler.model import rules

_TOKEN: Final = re.compile(r"\{\{([^{}]*)\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}|\{%|%\}")
_CLOSES: Final = {"{{": "}}", "{%": "%}"}
# What there is of a token that is not closed, for showing it.
_BEGINNING: Final = re.compile(r"\{[{%][ \t]?[\w.-]{0,30}")
_NAME: Final = re.compile(r"[\w.$@-]+")
# Words of template languages, not names.
# fmt: off
_WORDS: Final = frozenset({
    "else", "end", "endif", "endeach", "if", "elseif", "elif", "unless", "each", "for", "in", "with", "this",
    "true", "false", "null", "and", "or", "not", "default",
})
# fmt: on
_MANY: Final = 5


def is_clean(text: Text) -> bool:
    """Tell whether every token is surely whole, and one of those that are known."""
    raw = text.seen
    if "{" not in raw and "}" not in raw:
        return True
    tokens = _TOKEN.findall(raw)
    if not len(tokens) == raw.count("{{") == raw.count("}}") or "{%" in raw or "%}" in raw:
        return False
    known = text.settings.template_tokens
    for each in tokens:
        name = each.strip()
        if not name or (known is not None and name not in known):
            return False
    return True


def look(text: Text) -> Iterator[Remark]:
    """Return the tokens that are not whole, or not known."""
    seen = text.seen
    opened: re.Match[str] | None = None
    # What would close a token that was told already.
    told: list[str] = []
    for match in _BRACES.finditer(seen):
        sign = match[0]
        if sign in _CLOSES:
            if opened is not None:
                told.append(_CLOSES[opened[0]])
                yield _unbalanced(seen, opened)
            opened = match
        elif opened is None and sign in told:
            told.remove(sign)
        elif opened is None or _CLOSES[opened[0]] != sign:
            yield Remark(
                rules.BROKEN_PLACEHOLDER,
                f"`{sign}` closes no token: people will see it as it is written",
                "write tokens as `{{ name }}`, or take the braces out",
                match.start(),
                len(sign),
            )
        else:
            yield from _named(text, seen, opened, match)
            opened = None
    if opened is not None:
        yield _unbalanced(seen, opened)


def _unbalanced(seen: str, opened: re.Match[str]) -> Remark:
    beginning = _BEGINNING.match(seen, opened.start())
    words = beginning[0] if beginning else opened[0]
    return Remark(
        rules.BROKEN_PLACEHOLDER,
        f"the token `{words}` is not closed: people will see it as it is written",
        f"write `{_CLOSES[opened[0]]}` behind its name",
        opened.start(),
        len(opened[0]),
    )


def _named(text: Text, seen: str, opened: re.Match[str], closed: re.Match[str]) -> Iterator[Remark]:
    inside = seen[opened.end() : closed.start()]
    start, length = opened.start(), closed.end() - opened.start()
    if not inside.strip(" {}"):
        message = "a token without a name: people will see nothing in its place, or its braces"
        yield Remark(rules.BROKEN_PLACEHOLDER, message, "name what belongs there", start, length)
        return
    known = text.settings.template_tokens
    name = _name_in(inside)
    if known is not None and opened[0] == "{{" and name is not None and name not in known:
        yield Remark(
            rules.UNKNOWN_PLACEHOLDER,
            f"there is no template token `{shortened(name)}`",
            did_you_mean(name, known)
            or "`template_tokens` in reconciler.toml has "
            + (first_few([f"`{each}`" for each in known], _MANY) or "none"),
            start,
            length,
        )


def _name_in(inside: str) -> str | None:
    """Return the name that a token stands for; None for what closes a block, and for comments and parts."""
    words = inside.strip(" {}\t\n")
    if words.startswith(("/", "!", ">")):
        return None
    before_filters = words.lstrip("#^&~ ").partition("|")[0]
    names = [each for each in _NAME.findall(before_filters) if each not in _WORDS]
    return names[0] if names else None
