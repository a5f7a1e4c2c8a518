"""The table `[lint]` of `reconciler.toml`: how loud each rule is, and what the lint of messages has to know.

A key is the id or the name of a rule, with "error", "warning" or "off"; or it is a parameter. Rules about validity
cannot be lowered: a manifest that breaks one cannot be sent.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from reconciler.core.lint.names import rule_names
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
        hint = did_you_mean(key, known) or "a key is the id or the name of a rule, or one of: " + ", ".join(_PARAMETERS)
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
    # Written as in a message, a token is the same token.
    return tuple(each.strip().strip("{} ") if key == "template_tokens" else each.strip() for each in value)


def _host(written: str) -> str:
    host = written.strip().lower().removeprefix("*.").rstrip(".")
    if "/" in host or ":" in host or not host:
        raise ConfigurationError(
            f"{_PLACE}: `staging_hosts` has a host that is none: `{written}`",
            hint='write only the name, such as "staging.example.com"; what lies below it counts as well',
        )
    return host
