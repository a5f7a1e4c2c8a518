"""Everything that is worth saying about the messages of one manifest, as its repository wants it said.

Pure: a payload whose instructions are resolved goes in, findings come out. Each check first asks whether a text is
surely clean, which costs a few microseconds; only what is doubtful is read as HTML. Bodies that many steps share are
looked at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from reconciler.core.enough import AGAIN, first_of
from reconciler.core.lint import (
    filters,
    images,
    links,
    literal,
    markup,
    preheader,
    quotes,
    selling,
    size,
    sms,
    subject,
    timing,
    tokens,
    unsubscribe,
    whatsapp,
)
from reconciler.core.lint.remark import Remark, at
from reconciler.core.lint.text import Text
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import JsonObject
from reconciler.model.pointer import Path
from reconciler.model.settings import LintSettings

if TYPE_CHECKING:
    from reconciler.core.lint.silencing import Comment, Silenced

# The rules that a check can find broken; whether a text surely breaks none; and what breaks them in it.
Check: TypeAlias = tuple[frozenset[str], Callable[[Text], bool], Callable[[Text], Iterable[Remark]]]

_LINKS: Final[Check] = (frozenset({rules.INSECURE_LINK, rules.STAGING_LINK}), links.is_clean, links.look)
_TOKENS: Final[Check] = (frozenset({rules.BROKEN_PLACEHOLDER, rules.UNKNOWN_PLACEHOLDER}), tokens.is_clean, tokens.look)
_SUBJECT: Final[tuple[Check, ...]] = (
    _TOKENS,
    (frozenset({rules.SUBJECT_LENGTH}), subject.is_clean, subject.look),
)
_BODY: Final[tuple[Check, ...]] = (
    _LINKS,
    _TOKENS,
    (frozenset({rules.NO_UNSUBSCRIBE}), unsubscribe.is_clean, unsubscribe.look),
    (frozenset({rules.SELLING}), selling.is_clean, selling.look),
    (frozenset({rules.IMAGE_WITHOUT_ALT}), images.is_clean, images.look),
    (frozenset({rules.NO_PREHEADER, rules.EMPTY_PREHEADER}), preheader.is_clean, preheader.look),
    (frozenset({rules.CLIPPED}), size.is_clean, size.look),
    (frozenset({rules.UNBALANCED_HTML}), markup.is_clean, markup.look),
    (frozenset({rules.CURLY_QUOTES}), quotes.is_clean, quotes.look),
)
_SMS: Final[tuple[Check, ...]] = (
    _LINKS,
    _TOKENS,
    (frozenset({rules.SMS_SEGMENTS, rules.SMS_ALPHABET}), sms.is_clean, sms.look),
)
# Of one rule in one text; who made a mistake twenty times knows. How many more there are is told.
_MOST_REMARKS: Final = 20
_BODIES_KEPT: Final = 512


class Linter:
    """The lint of messages with the settings of one repository."""

    def __init__(self, settings: LintSettings) -> None:
        self._settings = settings
        self._off = off = frozenset(rule for rule, severity in settings.severities.items() if severity is None)
        self._subject, self._body, self._sms = ([c for c in each if c[0] - off] for each in (_SUBJECT, _BODY, _SMS))
        self._links = [_LINKS] if _LINKS[0] - off else []
        self._tokens = [_TOKENS] if _TOKENS[0] - off else []
        self._messages = {
            "send_emails": self._email,
            "send_sms_messages": self._sms_message,
            "send_whatsapp_messages": self._whatsapp,
        }
        self._of_body = lru_cache(maxsize=_BODIES_KEPT)(self._body_remarks)

    def inspect(self, payload: JsonObject) -> tuple[Finding, ...]:
        """Return what there is to say about a payload, each with the severity that it is configured to have."""
        return self.judge(self._found(payload))

    def silence(
        self, found: Sequence[Finding], comments: "Sequence[Comment]", lines_of: Callable[[Finding], Iterable[int]]
    ) -> "Silenced":
        """Return what comments leave of findings, and what is wrong with the comments."""
        # Imported where they are used: most manifests have no such comment.
        from reconciler.core.lint.names import rule_names
        from reconciler.core.lint.silencing import silence

        silenced = silence(found, comments, lines_of, names=rule_names(), off=self._off)
        judged = (replace(each, finding=told) for each in silenced.misused for told in self.judge([each.finding]))
        return replace(silenced, misused=tuple(judged))

    def judge(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """Give findings the severity that their rule is configured to have; those that are off are left out."""
        changed = self._settings.severities
        if not changed:
            return tuple(found)
        judged = ((each, changed.get(each.rule, each.severity)) for each in found)
        return tuple(replace(each, severity=severity) for each, severity in judged if severity is not None)

    def _found(self, payload: Any) -> Iterator[Finding]:
        steps = payload["steps"]
        for position, step in enumerate(steps):
            action = step["action"]
            message = self._messages.get(action["type"])
            if message is not None:
                yield from message(action["data"], ("steps", position, "action", "data"))
        yield from literal.look(payload)
        yield from timing.look(steps, self._settings)
        if payload["filter"] is not None:
            yield from filters.look(payload["filter"]["or"])

    def _email(self, data: Mapping[str, Any], path: Path) -> Iterable[Finding]:
        remarks = self._of_body(data["email_body"], data["email_is_transactional"])
        subject, sender = data["email_subject"], data["email_sender_name"]
        if not remarks and _is_plain(sender) and _is_plain(subject) and len(subject) <= self._settings.longest_subject:
            return ()
        return (
            *at((*path, "email_subject"), self._run(Text(subject, self._settings), self._subject)),
            *at((*path, "email_sender_name"), self._run(Text(sender, self._settings), self._tokens)),
            *at((*path, "email_body"), remarks),
        )

    def _sms_message(self, data: Mapping[str, Any], path: Path) -> Iterable[Finding]:
        return at((*path, "message"), self._run(Text(data["message"], self._settings), self._sms))

    def _whatsapp(self, data: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        yield from whatsapp.look(data, path, self._settings)
        for below, words in whatsapp.constants(data["template"]["parameters"], (*path, "template", "parameters")):
            yield from at(below, self._run(Text(words, self._settings), self._links))

    def _body_remarks(self, body: str, is_transactional: bool) -> tuple[Remark, ...]:  # noqa: FBT001 - a cache's key
        return self._run(Text(body, self._settings, is_html=True, sells=not is_transactional), self._body)

    def _run(self, text: Text, checks: Iterable[Check]) -> tuple[Remark, ...]:
        doubtful = [look for _, is_clean, look in checks if not is_clean(text)]
        return tuple(each for look in doubtful for each in _enough(look(text))) if doubtful else ()


def _enough(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Leave the first of each rule, and say how many more there are."""
    by_rule: dict[str, list[Remark]] = {}
    for each in remarks:
        by_rule.setdefault(each.rule, []).append(each)
    for of_rule in by_rule.values():
        yield from first_of(of_rule, _MOST_REMARKS, _more)


def _more(first: Remark, others: int) -> Remark:
    message = f"{others:,} more places in this text break this rule, from here on: they are not listed"
    return replace(first, message=message, hint=AGAIN)


def _is_plain(words: str) -> bool:
    """Tell whether there is nothing in a line but words."""
    return "{" not in words and "}" not in words
