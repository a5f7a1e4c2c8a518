"""A fleet, put together: its table, a workspace for each organisation, keys, and the manifests for each of them."""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.config.reader import load_settings
from reconciler.core.fleet.describing import at_entry, describe
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.fleet import BAD_ENTRY, SHARED, Fleet, KeyKind, KeySource, Organisation
from reconciler.model.settings import CONFIG_FILE, FleetSettings, Settings
from reconciler.wiring.workspace import Workspace, load_manifests

if TYPE_CHECKING:
    from reconciler.adapters.manifests.load import Loaded
    from reconciler.adapters.manifests.sharing import Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRepository:
    """A repository in which organisations are worked on. `variables` are the process's own environment variables."""

    settings: Settings
    variables: Mapping[str, str]

    def key(self, source: KeySource) -> str | None:
        """Return the key that a source holds; CredentialsError where it must not be used."""
        from reconciler.adapters.keys.sources import resolve_key

        return resolve_key(source, root=self.settings.root, variables=self.variables)

    def workspace(self, organisation: Organisation) -> Workspace:
        """Return an organisation's own workspace, with its key where there is one; CredentialsError."""
        source, environment, variables = organisation.key, organisation.environment, self.variables
        # Where the source is a variable, it is looked up as that of any environment.
        if source is not None and source.kind is not KeyKind.ENV and (key := self.key(source)) is not None:
            variables = {**variables, environment.api_key_env: key}
        return Workspace(settings=self.settings, environment=environment, variables=variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetWorkspace(FleetRepository):
    """A repository and one of its fleets."""

    fleet: Fleet

    @property
    def any_workspace(self) -> Workspace:
        """The repository with its default environment, for what concerns no organisation."""
        environment = self.settings.environments[self.settings.default_environment]
        return Workspace(settings=self.settings, environment=environment, variables=self.variables)


def _sharing() -> "Sharing":
    from reconciler.adapters.manifests.sharing import Sharing

    return Sharing()


@dataclass(slots=True)
class FleetManifests:
    """The manifests as they are for each organisation, read once for all that have the same variables and labels.

    Safe to share between threads.
    """

    within: FleetRepository
    _loaded: "dict[object, Loaded]" = field(default_factory=dict)
    _shared: "Sharing" = field(default_factory=_sharing)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, organisation: Organisation) -> "Loaded":
        """Return the manifests for an organisation."""
        environment = organisation.environment
        key = (tuple(sorted(environment.variables.items())), environment.labels)
        with self._lock:
            if key not in self._loaded:
                # No key is needed to read manifests, and none is looked for.
                workspace = Workspace(
                    settings=self.within.settings, environment=environment, variables=self.within.variables
                )
                self._loaded[key] = load_manifests(workspace, shared=self._shared)
            return self._loaded[key]


def open_repository(root: Path) -> FleetRepository:
    """Return the repository for whoever is told which organisations there are."""
    variables = dict(os.environ)
    return FleetRepository(settings=load_settings(root, variables), variables=variables)


def open_fleet(root: Path, name: str, *, command: str | None) -> FleetWorkspace:
    """Return the fleet of that name; `command` prints its table in the place of the file.

    ConfigurationError where there is no such fleet or no table of it; mistakes in the table are the fleet's own.
    """
    from reconciler.adapters.fleet.table import read_command, read_table

    variables = dict(os.environ)
    settings = load_settings(root, variables)
    chosen = _chosen(settings, name)
    if command is None and chosen.organisations is None:
        raise ConfigurationError(
            f"{CONFIG_FILE}, fleets.{name}: nothing names the table of its organisations",
            hint="`organisations` names a file, and --organisations-from a command that prints it",
        )
    table = read_table(root, chosen.organisations or "") if command is None else read_command(root, command)
    fleet = describe(chosen, settings.environments, table.entries, table=table.name, wrong=tuple(table.diagnostics))
    return FleetWorkspace(settings=settings, fleet=fleet, variables=variables)


def open_organisation(root: Path, address: str, *, command: str | None) -> Workspace:
    """Return the workspace of one organisation, given as FLEET/ORGANISATION; ConfigurationError where there is none."""
    fleet, _, name = address.partition("/")
    within = open_fleet(root, fleet, command=command)
    if within.fleet.diagnostics:
        raise ConfigurationError(
            f"the table of fleet `{fleet}` has mistakes, so nothing was done in `{name}`",
            hint=f"`reconciler fleet validate {fleet}` checks it",
        )
    for each in within.fleet.organisations:
        if each.name == name:
            return within.workspace(each)
    names = [each.name for each in within.fleet.organisations]
    raise ConfigurationError(
        f"fleet `{fleet}` has no organisation `{name}`", hint=did_you_mean(name, names) or "its table names them"
    )


def fleet_names(root: Path) -> Iterable[str]:
    """Return the names of the repository's fleets."""
    return load_settings(root, dict(os.environ)).fleets


def check_keys(within: FleetWorkspace, *, ask_keyring: bool) -> tuple[int, FleetWorkspace]:
    """Return how many keys were found, and the fleet with what is wrong with them: unusable, or one key for two.

    A key that is not there is no mistake: whoever reviews a fleet need not have any. No key outlives this look.
    """
    seen: dict[bytes, Organisation] = {}
    found: list[Diagnostic] = []
    for each in within.fleet.organisations:
        if each.key is None or (each.key.kind is KeyKind.KEYRING and not ask_keyring):
            continue
        try:
            key = within.key(each.key)
        except CredentialsError as error:
            found.append(at_entry(within.fleet.table, each.span, "key", BAD_ENTRY, error.message, error.hint))
            continue
        if key is None:
            continue
        first = seen.setdefault(sha256(key.encode()).digest(), each)
        if first is not each:
            message = (
                f"`{each.key}` of `{each.name}` holds the same key as `{first.key}` of `{first.name}` "
                f"({within.fleet.table}:{first.span.line})"
            )
            hint = "a key belongs to one organisation: give each its own"
            found.append(at_entry(within.fleet.table, each.span, "key", SHARED, message, hint))
    diagnostics = tuple(sorted((*within.fleet.diagnostics, *found), key=lambda each: each.order))
    return len(seen), replace(within, fleet=replace(within.fleet, diagnostics=diagnostics))


def no_key(source: KeySource, organisation: str, *, can_do_without: bool) -> CredentialsError:
    """Return the refusal to read live without a key; only a plan can do without."""
    from reconciler.adapters.keys.sources import missing

    return CredentialsError(
        f"organisation `{organisation}` has no key: {missing(source)}",
        hint="put it there, or plan offline with --refresh none" if can_do_without else "put it there",
    )


def _chosen(settings: Settings, name: str) -> FleetSettings:
    if name in settings.fleets:
        return settings.fleets[name]
    names = sorted(settings.fleets)
    listed = "there are: " + ", ".join(f"`{each}`" for each in names) if names else f"add [fleets.{name}] to it"
    raise ConfigurationError(
        f"there is no fleet `{name}` in {CONFIG_FILE}", hint=(did_you_mean(name, names) if names else None) or listed
    )
