"""Template tokens: `{{ first_name }}`. One that is not closed, or that is misspelt, reaches people as it is written."""

import re
from collections import Counter
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
# Of the remarks on one text that are told there are fewer; a look takes up to a millisecond.
_MOST_LOOKS: Final = 50


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
    told: Counter[str] = Counter()
    names = _Names(text.settings.template_tokens)
    for match in _BRACES.finditer(seen):
        sign = match[0]
        if sign in _CLOSES:
            if opened is not None:
                told[_CLOSES[opened[0]]] += 1
                yield _unbalanced(seen, opened)
            opened = match
        elif opened is None and told[sign]:
            told[sign] -= 1
        elif opened is None:
            yield Remark(
                rules.BROKEN_PLACEHOLDER,
                f"`{sign}` closes no token: people will see it as it is written",
                "write tokens as `{{ name }}`, or take the braces out",
                match.start(),
                len(sign),
            )
        elif _CLOSES[opened[0]] != sign:
            told[_CLOSES[opened[0]]] += 1
            yield _unbalanced(seen, opened, match)
            opened = None
        else:
            yield from _named(names, seen, opened, match)
            opened = None
    if opened is not None:
        yield _unbalanced(seen, opened)


def _unbalanced(seen: str, opened: re.Match[str], wrong: re.Match[str] | None = None) -> Remark:
    """Return the remark about a token that is not closed, or closed by a wrong sign, which is then the one to mend."""
    beginning = _BEGINNING.match(seen, opened.start())
    words, closing = (beginning[0] if beginning else opened[0]), _CLOSES[opened[0]]
    how = f"ends with `{wrong[0]}`" if wrong else "is not closed"
    marked = wrong or opened
    return Remark(
        rules.BROKEN_PLACEHOLDER,
        f"the token `{words}` {how}: people will see it as it is written",
        f"write `{closing}` in its place" if wrong else f"write `{closing}` behind its name",
        marked.start(),
        len(marked[0]),
    )


class _Names:
    """The names that tokens may have, None where any will do; what comes near a wrong one is looked for a few times."""

    def __init__(self, known: tuple[str, ...] | None) -> None:
        self.known = known
        self._looks = _MOST_LOOKS
        self._listed = first_few([f"`{each}`" for each in known or ()], _MANY) or "none"

    def hint(self, name: str) -> str:
        """Return what to do about a name that is not known."""
        self._looks -= 1
        near = did_you_mean(name, self.known or ()) if self._looks >= 0 else None
        return near or f"`template_tokens` in reconciler.toml has {self._listed}"


def _named(names: _Names, seen: str, opened: re.Match[str], closed: re.Match[str]) -> Iterator[Remark]:
    inside = seen[opened.end() : closed.start()]
    start, length = opened.start(), closed.end() - opened.start()
    if not inside.strip(" {}"):
        message = "a token without a name: people will see nothing in its place, or its braces"
        yield Remark(rules.BROKEN_PLACEHOLDER, message, "name what belongs there", start, length)
        return
    known, name = names.known, _name_in(inside)
    if known is not None and opened[0] == "{{" and name is not None and name not in known:
        yield Remark(
            rules.UNKNOWN_PLACEHOLDER,
            f"there is no template token `{shortened(name)}`",
            names.hint(name),
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
