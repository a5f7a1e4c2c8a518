"""The table `[lint]` of `reconciler.toml`: how loud each rule is, and what the lint of messages has to know.

A key is the id or the name of a rule, with "error", "warning" or "off"; or it is a parameter. Rules about validity
cannot be lowered: a manifest that breaks one cannot be sent.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from reconciler.core.lint.names import rule_names
from reconciler.core.lint.staging import is_everybodys
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ConfigurationError
from reconciler.model.diagnostic import Severity
from reconciler.model.settings import CONFIG_FILE, LintSettings

_PLACE: Final = f"{CONFIG_FILE}, lint"
_LOUDNESS: Final[Mapping[str, Severity | None]] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "off": None,
}
_NUMBERS: Final = ("longest_subject", "most_sms_segments", "longest_days")
_SHORTEST_MARK: Final = 4
# As the schema has it; no template can have another.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")
_PARAMETERS: Final = tuple(each.name for each in fields(LintSettings) if each.name != "severities")


def lint_settings(table: Mapping[str, Any]) -> LintSettings:
    """Return what the table says; ConfigurationError where it says something that cannot be meant."""
    severities: dict[str, Severity | None] = {}
    parameters: dict[str, Any] = {}
    for key, value in table.items():
        if key in _PARAMETERS:
            parameters[key] = _number(key, value) if key in _NUMBERS else _texts(key, value)
            continue
        rule = _rule(key)
        if rule in severities:
            raise ConfigurationError(f"{_PLACE}: {rule} is there twice, by its id and by its name")
        severities[rule] = _loudness(key, value)
    return LintSettings(severities=severities, **parameters)


def _rule(key: str) -> str:
    names = rule_names()
    rule = names.ids.get(key)
    if rule is None:
        known = [*_PARAMETERS, *names.ids]
        begun = [each for each in known if len(key) > _SHORTEST_MARK and each.startswith(key)]
        # A word that was cut short is less like the whole one than many others are.
        meant = f"did you mean `{begun[0]}`?" if len(begun) == 1 else did_you_mean(key, known)
        hint = meant or "a key is the id or the name of a rule, or one of: " + ", ".join(_PARAMETERS)
        raise ConfigurationError(f"{_PLACE}: unknown key `{key}`", hint=hint)
    if rule not in names.warnings:
        raise ConfigurationError(
            f"{_PLACE}: {rule} is about whether a manifest is valid, and cannot be changed",
            hint="only rules that warn can be raised, lowered or turned off",
        )
    return rule


def _loudness(key: str, value: Any) -> Severity | None:
    if not isinstance(value, str) or value not in _LOUDNESS:
        hint = did_you_mean(value, _LOUDNESS) if isinstance(value, str) else None
        raise ConfigurationError(f'{_PLACE}: `{key}` must be "error", "warning" or "off"', hint=hint)
    return _LOUDNESS[value]


def _number(key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**6:
        raise ConfigurationError(f"{_PLACE}: `{key}` must be a whole number from 1 up")
    return value


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise ConfigurationError(
            f"{_PLACE}: `{key}` must be a list of texts that are not empty", hint=f'write {key} = ["...", "..."]'
        )
    if key == "staging_hosts":
        return tuple(_host(each) for each in value)
    if key == "unsubscribe_marks":
        _check_marks(value)
    if key == "languages":
        _check_languages(value)
    # Written as in a message, a token is the same token.
    return tuple(each.strip().strip("{} ") if key == "template_tokens" else each.strip() for each in value)


def _check_marks(marks: list[str]) -> None:
    for mark in marks:
        if len(mark.strip()) < _SHORTEST_MARK:
            raise ConfigurationError(
                f"{_PLACE}: `unsubscribe_marks` has `{mark}`, too short for a mark: nearly every body has it",
                hint=f'write at least {_SHORTEST_MARK} characters of the address, such as "/leave"',
            )


def _check_languages(languages: list[str]) -> None:
    for language in languages:
        if _LANGUAGE.fullmatch(language.strip()) is None:
            raise ConfigurationError(
                f"{_PLACE}: `languages` has `{language}`, which is no language code",
                hint='write codes as in a template, such as "en" or "pt_BR"',
            )


def _host(written: str) -> str:
    host = written.strip().lower().removeprefix("*.").rstrip(".")
    if "/" in host or ":" in host or not host:
        raise ConfigurationError(
            f"{_PLACE}: `staging_hosts` has a host that is none: `{written}`",
            hint='write only the name, such as "staging.example.com"; what lies below it counts as well',
        )
    if is_everybodys(host):
        raise ConfigurationError(
            f"{_PLACE}: `staging_hosts` has `{written}`, and hosts of anybody lie below it: every link would be told",
            hint='write the name of a host or domain of yours, such as "corp.example.com"',
        )
    return host
