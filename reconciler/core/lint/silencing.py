"""Comments that silence a rule where it is broken on purpose: `# reconciler: allow OCX304 the logo is decorative`.

A comment on the line of a value, or right above it, silences the rule for that value; above the first key, for the
whole manifest. The reason is for whoever reads the manifest next, so there must be one; and a comment that silences
nothing any more is named, so that none outlives what it was written for.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.core.spelling import did_you_mean
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity, Span

_SHAPE: Final = re.compile(r"#[ \t]*reconciler[ \t]*:[ \t]*(\S*)[ \t]*(\S*)[ \t]*(.*)")
_VERB: Final = "allow"
_OTHER_VERBS: Final = frozenset({"ignore", "disable", "silence", "skip", "suppress", "off", "noqa", "accept"})
_WRITE: Final = "write `# reconciler: allow RULE the reason`"
_IS_ID: Final = re.compile(r"OCX\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment to the tool, from its `#`. `lines` are those that it speaks of; None among them is every line."""

    text: str
    span: Span
    lines: frozenset[int | None]


@dataclass(frozen=True, slots=True)
class Misused:
    """What is wrong with a comment, at its place."""

    comment: Comment
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """The findings that are left, and what is wrong with the comments."""

    left: tuple[Finding, ...]
    misused: tuple[Misused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How rules are called: ids by id and by name; which of them only warn, and which of those can be silenced."""

    ids: Mapping[str, str]
    warnings: frozenset[str]
    silenceable: frozenset[str]


def silence(
    findings: Sequence[Finding],
    comments: Sequence[Comment],
    lines_of: Callable[[Finding], Iterable[int]],
    *,
    names: Names,
    off: Container[str],
) -> Silenced:
    """Leave out what comments allow. `lines_of` tells on which lines of the manifest the value of a finding stands.

    Rules that are `off` were not looked at, so nobody knows whether a comment about them is idle.
    """
    misused: list[Misused] = []
    # A rule at a line, or with None anywhere in the manifest.
    broken = {(each.rule, line) for each in findings for line in (None, *lines_of(each))}
    allowed: set[tuple[str, int | None]] = set()
    for comment in comments:
        rule = _rule_of(comment, names)
        if rule is None:
            continue
        if isinstance(rule, Finding):
            misused.append(Misused(comment, rule))
        elif broken.isdisjoint((rule, line) for line in comment.lines) and rule not in off:
            misused.append(Misused(comment, _idle(rule)))
        else:
            allowed.update((rule, line) for line in comment.lines)
    left = (each for each in findings if allowed.isdisjoint((each.rule, line) for line in (None, *lines_of(each))))
    return Silenced(left=tuple(left), misused=tuple(misused))


def _rule_of(comment: Comment, names: Names) -> str | Finding | None:
    """Return which rule a comment allows, what is wrong with it, or None where it says nothing to the tool."""
    match = _SHAPE.match(comment.text)
    verb, name, reason = match.groups() if match else ("", "", "")
    if verb != _VERB:
        return _not_allowing(verb)
    rule = names.ids.get(name.upper() if _IS_ID.fullmatch(name) else name)
    if rule is None:
        return _unknown(name, names)
    if rule not in names.silenceable:
        message = f"{rule} cannot be silenced: it is not a matter of taste"
        return _wrong(rules.NOT_SILENCEABLE, message, "remove the comment, and mend what the rule complains of")
    if any(each.isalnum() for each in reason):
        return rule
    return _wrong(
        rules.NO_REASON,
        f"this comment silences {rule} and does not say why, so nothing is silenced",
        f"write the reason behind the rule: `# reconciler: allow {name} REASON`",
    )


def _not_allowing(verb: str) -> Finding | None:
    if verb in _OTHER_VERBS or (verb and did_you_mean(verb, [_VERB])):
        message = f"the tool does not know `{verb}` in a comment, so nothing is silenced"
        return _wrong(rules.UNKNOWN_SILENCED, message, _WRITE)
    # A `reconciler:` block that was commented out, or words for people.
    return None


def _unknown(name: str, names: Names) -> Finding:
    if not name:
        return _wrong(rules.UNKNOWN_SILENCED, "this comment names no rule, so nothing is silenced", _WRITE)
    hint = did_you_mean(name, names.ids) or "each warning ends with the id of its rule"
    return _wrong(rules.UNKNOWN_SILENCED, f"there is no rule `{name}`", hint)


def _idle(rule: str) -> Finding:
    return _wrong(rules.IDLE_SILENCE, f"this comment silences {rule}, which is not broken here", "remove the comment")


def _wrong(rule: str, message: str, hint: str) -> Finding:
    return Finding(rule=rule, message=message, hint=hint, path=(), severity=Severity.WARNING)
