"""A repository and one of its environments, and what is read of it on this machine."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.adapters.config.reader import choose, load_settings
from reconciler.errors import ConfigurationError
from reconciler.model.jsonvalue import Json
from reconciler.model.settings import Environment, RateLimit, Settings
from reconciler.wiring.clock import SystemClock

if TYPE_CHECKING:
    from reconciler.adapters.manifests.load import Loaded
    from reconciler.adapters.manifests.sharing import Sharing
    from reconciler.adapters.schemas.checker import ManifestChecker
    from reconciler.ports import CheckBody  # with all that ports speak of it costs 20 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A repository and one of its environments, ready to be worked on."""

    settings: Settings
    environment: Environment
    variables: Mapping[str, str]

    @property
    def has_key(self) -> bool:
        """Tell whether live can be read: the sandbox always can."""
        return self.environment.is_sandbox or bool(self.variables.get(self.environment.api_key_env))

    @property
    def rate_limit(self) -> RateLimit:
        """The request limit; that of the sandbox is none, which is 0 requests."""
        limit = self.environment.rate_limit
        return replace(limit, requests=0) if self.environment.is_sandbox else limit


def open_workspace(root: Path, environment: str | None) -> Workspace:
    """Return the workspace of the repository at `root`; ConfigurationError where it is not usable."""
    variables = dict(os.environ)
    settings = load_settings(root, variables)
    return Workspace(settings=settings, environment=choose(settings, environment), variables=variables)


def load_manifests(
    workspace: Workspace,
    given: Mapping[str, bytes] = MappingProxyType({}),
    *,
    is_check: bool = False,
    shared: "Sharing | None" = None,
) -> "Loaded":
    """Read and check every manifest of the repository with the variables of the environment.

    `given` are bytes that count instead of those on disk, by path relative to the manifests folder.
    With `is_check` only what is wrong is wanted, and nothing is desired. `shared` is kept by whoever loads them with
    several sets of variables.
    """
    from reconciler.adapters.manifests.load import load
    from reconciler.wiring.looking import Looking

    settings = workspace.settings
    if not (settings.root / settings.manifests).is_dir():
        raise ConfigurationError(
            f"there is no folder `{settings.manifests}` in {settings.root}",
            hint="run this at the root of the repository or name it with -C; `reconciler init` lays out a new one; "
            "`manifests` in reconciler.toml names another folder",
        )
    looking = Looking(settings.lint)
    return load(
        settings.root,
        settings.manifests,
        variables=workspace.environment.variables,
        check=_manifest_checker().check,
        inspect=looking.inspect,
        judge=looking.judge,
        today=SystemClock.moment()[: len("YYYY-MM-DD")],
        silence=looking.silence,
        cache=_cache(workspace) if shared is None or shared.is_empty else None,
        given=given,
        is_check=is_check,
        labels=workspace.environment.labels,
        shared=shared,
    )


@cache
def _manifest_checker() -> "ManifestChecker":
    """Return the check of manifests: it is as costly to make as some manifests are to read."""
    from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
    from reconciler.adapters.schemas.checker import ManifestChecker

    return ManifestChecker(schemas_folder() / SEQUENCE_SCHEMA)


def _cache(workspace: Workspace) -> tuple[Path, str] | None:
    """Return where results about these manifests are kept, and under which key; None where there is no such place.

    The key changes with the code, the schemas, the configuration and the Python version.
    """
    from reconciler.model.jsonvalue import digest, digest_of

    home = workspace.variables.get("XDG_CACHE_HOME") or workspace.variables.get("HOME")
    if not home or workspace.variables.get("RECONCILER_NO_CACHE"):
        return None
    folder = Path(home) if workspace.variables.get("XDG_CACHE_HOME") else Path(home) / ".cache"
    settings, environment = workspace.settings, workspace.environment
    name = digest(f"{settings.root}\n{environment.name}".encode()).removeprefix("sha256:")[:32]
    said: list[Json] = [settings.manifests, dict(environment.variables), repr(settings.lint)]
    key = digest_of([sys.version, contract_digest(), _code(), *said])
    return folder / "reconciler" / f"{name}.manifests", key


def _code() -> str:
    """Return a text that changes when any module of the tool does."""
    return "\n".join(sorted(_facts(str(Path(__file__).parents[1]), "")))


def _facts(folder: str, below: str) -> Iterator[str]:
    """Yield each module's path, size and time; strings and one look at a folder, since pathlib would take 20 ms."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith(".py"):
                fact = entry.stat()
                yield f"{below}{name} {fact.st_size} {fact.st_mtime_ns}"
            elif entry.is_dir() and name != "__pycache__":
                yield from _facts(entry.path, f"{below}{name}/")


def manifest_paths(workspace: Workspace) -> tuple[str, ...]:
    """Return every manifest's path, relative to the repository's root."""
    from reconciler.adapters.manifests.discovery import discover

    settings = workspace.settings
    found = discover(settings.root / settings.manifests)
    return tuple(f"{settings.manifests}/{path}" for path in found.paths)


@cache
def contract_digest() -> str:
    """Return the digest of the schemas that manifests and requests are checked against."""
    from reconciler.adapters.schemas.bundled import REQUEST_SCHEMA, SEQUENCE_SCHEMA, schemas_folder
    from reconciler.model.jsonvalue import digest

    folder = schemas_folder()
    return digest(b"".join((folder / name).read_bytes() for name in (REQUEST_SCHEMA, SEQUENCE_SCHEMA)))


@cache
def body_checker() -> "CheckBody":
    """Return the check of a request's body against the published contract."""
    from reconciler.adapters.schemas.bundled import REQUEST_SCHEMA, schemas_folder
    from reconciler.adapters.schemas.checker import RequestValidator

    validator = RequestValidator(schemas_folder() / REQUEST_SCHEMA)
    return lambda payload: validator.check(payload.value)
