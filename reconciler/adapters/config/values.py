"""What every part of `reconciler.toml` is checked for: keys that are known, values of the shape that is asked for."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from reconciler.core.spelling import did_you_mean
from reconciler.errors import ConfigurationError
from reconciler.model.settings import CONFIG_FILE


def known(given: Mapping[str, Any], keys: Iterable[str], *, where: str) -> None:
    """Refuse a key that nobody knows."""
    names = list(keys)
    for key in given:
        if key not in names:
            hint = did_you_mean(key, names) or "known are: " + ", ".join(f"`{each}`" for each in names)
            place = where if where == CONFIG_FILE else f"{CONFIG_FILE}, {where}"
            raise ConfigurationError(f"{place}: unknown key `{key}`", hint=hint)


def table(given: Any, *, where: str) -> Mapping[str, Any]:
    """Return what must be a table."""
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{CONFIG_FILE}: `{where}` must be a table")
    return given


def text(given: Mapping[str, Any], key: str, *, where: str, default: str) -> str:
    """Return what must be a text with something in it."""
    value = given.get(key, default)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{CONFIG_FILE}, {where}: `{key}` must be a text that is not empty")
    return value


def refused(message: str, *, where: str, hint: str | None = None) -> ConfigurationError:
    """Return what is said of a value that cannot be used."""
    return ConfigurationError(f"{CONFIG_FILE}, {where}: {message}", hint=hint)


def one_of(value: Any, words: Collection[str], key: str, *, where: str) -> str:
    """Return what must be one of a few words."""
    if not isinstance(value, str) or value not in words:
        listed = ", ".join(f'"{word}"' for word in words)
        nearest = did_you_mean(value, words) if isinstance(value, str) else None
        raise refused(f"`{key}` must be one of {listed}", where=where, hint=nearest)
    return value
