"""`[fleets.NAME]`: where the table of a fleet's organisations stands, and the templates of what each has of its own.

A command that prints the table is never named here: whoever opens a pull request would run it.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from reconciler.adapters.config.values import known, refused, table, text
from reconciler.adapters.config.waves import read_waves
from reconciler.core.addresses import is_state_address
from reconciler.core.fleet.words import (
    KEY_HINT,
    LABEL,
    LABEL_WORDS,
    NAME,
    NAME_WORDS,
    expand,
    key_source,
    names_the_organisation,
    unknown_placeholder,
)
from reconciler.core.spelling import did_you_mean
from reconciler.model.settings import PRIVATE_FOLDER, FleetSettings

_KEYS: Final = ("organisations", "environment", "state", "key", "waves")
_ENDINGS: Final = (".toml", ".csv")
_ANY: Final = "example"


def read_fleets(given: Mapping[str, Any], environments: Mapping[str, object]) -> Mapping[str, FleetSettings]:
    """Return the fleets by name; ConfigurationError for anything that could be meant otherwise."""
    return {name: _fleet(name, table(each, where=f"fleets.{name}"), environments) for name, each in given.items()}


def read_labels(value: Any, *, where: str) -> tuple[str, ...]:
    """Return the labels of an environment, sorted."""
    if not isinstance(value, list) or not all(isinstance(each, str) and LABEL.fullmatch(each) for each in value):
        raise refused(f"`labels` must be a list of texts, each {LABEL_WORDS}", where=where)
    return tuple(sorted(set(value)))


def _fleet(name: str, given: Mapping[str, Any], environments: Mapping[str, object]) -> FleetSettings:
    where = f"fleets.{name}"
    if not NAME.fullmatch(name):
        raise refused(f"the name of a fleet must be {NAME_WORDS}", where=where)
    if "command" in given:
        raise refused(
            "a file in the repository may not choose a command",
            where=where,
            hint="whoever runs the tool may name one with --organisations-from",
        )
    known(given, _KEYS, where=where)
    environment = text(given, "environment", where=where, default="") if "environment" in given else None
    if environment is None:
        raise refused("`environment` is missing: organisations derive from one", where=where)
    if environment not in environments:
        names = sorted(environments)
        hint = did_you_mean(environment, names) or "there are: " + ", ".join(f"`{each}`" for each in names)
        raise refused(f"there is no environment `{environment}`", where=where, hint=hint)
    default = f"file:{PRIVATE_FOLDER}/fleet/{{fleet}}/{{org}}.json"
    return FleetSettings(
        name=name,
        environment=environment,
        organisations=_table(given, where=where),
        state=_state(_template(text(given, "state", where=where, default=default), "state", where=where), where=where),
        key=_key(given, where=where),
        waves=read_waves(given, where=where),
    )


def _table(given: Mapping[str, Any], *, where: str) -> str | None:
    if "organisations" not in given:
        return None
    file = text(given, "organisations", where=where, default="")
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file:
        raise refused("`organisations` must be a file of the repository", where=where)
    if path.suffix not in _ENDINGS:
        raise refused("`organisations` must name a file that ends in .toml or .csv", where=where)
    return path.as_posix()


def _state(template: str, *, where: str) -> str:
    if not is_state_address(expand(template, org=_ANY, fleet=_ANY)):
        hint = 'write "s3://BUCKET/{org}.json", "git:refs/reconciler/{org}" or "file:PATH/{org}.json"'
        raise refused("`state` names no place that state can be kept in", where=where, hint=hint)
    return template


def _key(given: Mapping[str, Any], *, where: str) -> str | None:
    if "key" not in given:
        return None
    template = text(given, "key", where=where, default="")
    # Looked at before it is shown: what says no source may be a key.
    if key_source(expand(template, org=_ANY, fleet=_ANY)) is None:
        raise refused("`key` does not say where keys come from", where=where, hint=f"{KEY_HINT}, with {{org}} in it")
    return _template(template, "key", where=where)


def _template(template: str, key: str, *, where: str) -> str:
    unknown = unknown_placeholder(template)
    if unknown is not None:
        raise refused(f"`{key}` has `{{{unknown[0]}}}`, which nothing fills in", where=where, hint=unknown[1])
    if not names_the_organisation(template):
        hint = "write {org} where its name belongs, or {ORG} as names of environment variables are written"
        raise refused(f"`{key}` is the same for all organisations, and each needs its own", where=where, hint=hint)
    return template
