"""`reconciler.toml` (contract: design, section 7): read, checked key by key, and completed with the defaults."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from reconciler.adapters.config.endpoint import OPERATOR_VARIABLE, checked_api
from reconciler.adapters.config.values import known, one_of, table, text
from reconciler.core.addresses import is_state_address
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ConfigurationError
from reconciler.model.guards import NO_GUARDS, Guards
from reconciler.model.risk_class import RiskClass
from reconciler.model.settings import (
    CONFIG_FILE,
    PRIVATE_FOLDER,
    SANDBOX,
    VENDOR_URL,
    DriftSettings,
    Environment,
    FleetSettings,
    LintSettings,
    RateLimit,
    Settings,
    Timeouts,
)

_TOP_KEYS: Final = ("manifests", "default_environment", "environments", "lint", "fleets")
_ENVIRONMENT_KEYS: Final = (
    "api",
    "api_key_env",
    "state",
    "rate_limit",
    "timeouts",
    "variables",
    "guards",
    "drift",
    "labels",
)
# What sets nothing back, whatever its class.
_NO_CLASS: Final = "none"
_Section = TypeVar("_Section", RateLimit, Timeouts)


def load_settings(root: Path, variables: Mapping[str, str]) -> Settings:
    """Return the settings of the repository at `root`; `variables` are the process's environment variables."""
    document = _read(root / CONFIG_FILE)
    known(document, _TOP_KEYS, where=CONFIG_FILE)
    tables = table(document.get("environments", {SANDBOX: {"api": SANDBOX}}), where="environments")
    operator_url = variables.get(OPERATOR_VARIABLE)
    environments = {
        name: _environment(name, table(given, where=f"environments.{name}"), operator_url)
        for name, given in tables.items()
    }
    default = text(document, "default_environment", where=CONFIG_FILE, default=SANDBOX)
    if SANDBOX not in environments:
        environments[SANDBOX] = _environment(SANDBOX, {"api": SANDBOX}, operator_url)
    if default not in environments:
        raise _unknown_environment(default, environments)
    return Settings(
        root=root,
        manifests=_manifests_folder(text(document, "manifests", where=CONFIG_FILE, default="sequences")),
        default_environment=default,
        environments=environments,
        lint=_lint(document),
        fleets=_fleets(document, environments),
    )


def _lint(document: Mapping[str, Any]) -> LintSettings:
    if "lint" not in document:
        return LintSettings()
    # Imported here: it knows the names of all rules, which most repositories never name.
    from reconciler.adapters.config.lint import lint_settings

    return lint_settings(table(document["lint"], where="lint"))


def _fleets(document: Mapping[str, Any], environments: Mapping[str, Environment]) -> Mapping[str, FleetSettings]:
    if "fleets" not in document:
        return {}
    # Imported here: most repositories are those of one organisation.
    from reconciler.adapters.config.fleets import read_fleets

    return read_fleets(table(document["fleets"], where="fleets"), environments)


def choose(settings: Settings, name: str | None) -> Environment:
    """Return the environment of that name, or the default one; ConfigurationError where there is none."""
    wanted = name or settings.default_environment
    if wanted not in settings.environments:
        raise _unknown_environment(wanted, settings.environments)
    return settings.environments[wanted]


def _unknown_environment(name: str, known: Iterable[str]) -> ConfigurationError:
    names = sorted(known)
    return ConfigurationError(
        f"there is no environment `{name}` in {CONFIG_FILE}",
        hint=did_you_mean(name, names) or "there are: " + ", ".join(f"`{each}`" for each in names),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"cannot read {path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name} is not UTF-8 text", hint="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path.name} is not valid TOML: {error}") from error


def _environment(name: str, given: Mapping[str, Any], operator_url: str | None) -> Environment:
    where = f"environments.{name}"
    known(given, _ENVIRONMENT_KEYS, where=where)
    default_api = SANDBOX if name == SANDBOX else operator_url or VENDOR_URL
    return Environment(
        name=name,
        api=checked_api(
            text(given, "api", where=where, default=default_api),
            where=f"{CONFIG_FILE}, {where}",
            operator_url=operator_url,
        ),
        api_key_env=text(given, "api_key_env", where=where, default="OPENCX_API_KEY"),
        state=_state(text(given, "state", where=where, default=f"file:{PRIVATE_FOLDER}/{name}.json"), where=where),
        rate_limit=_numbers(given, "rate_limit", RateLimit, where=where),
        timeouts=_numbers(given, "timeouts", Timeouts, where=where),
        variables=_variables(table(given.get("variables", {}), where=f"{where}.variables"), where=where),
        guards=_guards(given, where=f"{where}.guards"),
        drift=_drift(table(given.get("drift", {}), where=f"{where}.drift"), where=f"{where}.drift"),
        labels=_labels(given, where=where),
    )


def _drift(given: Mapping[str, Any], *, where: str) -> DriftSettings:
    known(given, ("correct",), where=where)
    if "correct" not in given:
        return DriftSettings()
    words = [_NO_CLASS, *(each.value for each in RiskClass)]
    value = one_of(given["correct"], words, "correct", where=where)
    return DriftSettings(correct=None if value == _NO_CLASS else RiskClass(value))


def _guards(given: Mapping[str, Any], *, where: str) -> Guards:
    if "guards" not in given:
        return NO_GUARDS
    # Imported here, as what reads `lint`: most environments have none.
    from reconciler.adapters.config.guards import read_guards

    return read_guards(table(given["guards"], where=where), where=where)


def _labels(given: Mapping[str, Any], *, where: str) -> tuple[str, ...]:
    if "labels" not in given:
        return ()
    from reconciler.adapters.config.fleets import read_labels

    return read_labels(given["labels"], where=where)


def _state(address: str, *, where: str) -> str:
    if not is_state_address(address):
        raise ConfigurationError(
            f"{CONFIG_FILE}, {where}: `state` names no place that state can be kept in",
            hint=f'write "file:{PRIVATE_FOLDER}/NAME.json", "git:refs/reconciler/NAME" or "s3://BUCKET/KEY"',
        )
    return address


def _manifests_folder(folder: str) -> str:
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ConfigurationError(f"{CONFIG_FILE}: `manifests` must be a folder below the repository's root")
    return path.as_posix()


def _numbers(given: Mapping[str, Any], key: str, section: type[_Section], *, where: str) -> _Section:
    where = f"{where}.{key}"
    numbers = table(given.get(key, {}), where=where)
    names = [each.name for each in fields(section)]
    known(numbers, names, where=where)
    for name, value in numbers.items():
        whole = isinstance(value, int) or name != "requests"
        if isinstance(value, bool) or not isinstance(value, int | float) or not whole or not 0 <= value < 10**9:
            raise ConfigurationError(f"{CONFIG_FILE}, {where}: `{name}` must be a number from 0 up")
        if value == 0 and name != "requests":
            raise ConfigurationError(f"{CONFIG_FILE}, {where}: `{name}` must be more than 0")
    return section(**numbers)


def _variables(given: Mapping[str, Any], *, where: str) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(value, str):
            raise ConfigurationError(
                f"{CONFIG_FILE}, {where}: variable `{name}` must be a text", hint="put its value in quotes"
            )
    return dict(given)
