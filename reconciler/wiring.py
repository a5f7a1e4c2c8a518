"""The composition root: settings in, adapters put together, use cases given what they need.

Heavy libraries are imported where a command first needs them, so that `--help` and an offline plan never pay for them.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.adapters.config.reader import choose, load_settings
from reconciler.core.audience import check_audience
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.hold import Hold
from reconciler.model.settings import PRIVATE_FOLDER, Environment, Settings
from reconciler.ports import CheckBody, Waiting

if TYPE_CHECKING:
    from reconciler.adapters.api.client import ApiReader, ApiWriter
    from reconciler.adapters.api.connection import Connection
    from reconciler.adapters.manifests.load import Loaded
    from reconciler.adapters.store.backend import Backend
    from reconciler.adapters.store.store import Store
    from reconciler.sandbox.simulator import Simulator

SANDBOX_FILE: Final = "sandbox.sqlite3"
SANDBOX_URL: Final = "http://localhost"


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


def open_workspace(root: Path, environment: str | None) -> Workspace:
    """Return the workspace of the repository at `root`; ConfigurationError where it is not usable."""
    variables = dict(os.environ)
    settings = load_settings(root, variables)
    return Workspace(settings=settings, environment=choose(settings, environment), variables=variables)


def load_manifests(workspace: Workspace) -> "Loaded":
    """Read and check every manifest of the repository with the variables of the environment."""
    from reconciler.adapters.manifests.load import load
    from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
    from reconciler.adapters.schemas.checker import ManifestChecker

    settings = workspace.settings
    if not (settings.root / settings.manifests).is_dir():
        raise ConfigurationError(
            f"there is no folder `{settings.manifests}` in {settings.root}",
            hint="run this at the root of the repository or name it with -C; "
            "`manifests` in reconciler.toml names another folder",
        )
    return load(
        settings.root,
        settings.manifests,
        variables=workspace.environment.variables,
        check=ManifestChecker(schemas_folder() / SEQUENCE_SCHEMA).check,
        inspect=check_audience,
        cache=_cache(workspace),
    )


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
    key = digest_of([sys.version, contract_digest(), _code(), settings.manifests, dict(environment.variables)])
    return folder / "reconciler" / f"{name}.manifests", key


def _code() -> str:
    """Return a text that changes when any module of the tool does."""
    package = Path(__file__).parent
    facts = ((path, path.stat()) for path in sorted(package.rglob("*.py")))
    return "\n".join(f"{path.relative_to(package)} {fact.st_size} {fact.st_mtime_ns}" for path, fact in facts)


def manifest_paths(workspace: Workspace) -> tuple[str, ...]:
    """Return every manifest's path, relative to the repository's root."""
    from reconciler.adapters.manifests.discovery import discover

    settings = workspace.settings
    found = discover(settings.root / settings.manifests)
    return tuple(f"{settings.manifests}/{path}" for path in found.paths)


def open_store(
    workspace: Workspace, *, notice: Callable[[str], None] = lambda _text: None, emergency: Path | None = None
) -> "Store":
    """Return the store that holds the environment's state.

    `notice` is told when a lock is taken over; `emergency` is a folder for an emergency copy.
    """
    from reconciler.adapters.store.emergency import emergency_folders
    from reconciler.adapters.store.store import Store

    variables = workspace.variables

    def me(purpose: str) -> Hold:
        from reconciler.adapters.holders.identity import me

        return me(purpose, since=SystemClock.moment(), variables=variables)

    def is_gone(hold: Hold) -> str | None:
        from reconciler.adapters.holders.proof import proof

        return proof(hold, variables=variables)

    return Store(
        _backend(workspace),
        me=me,
        is_gone=is_gone,
        notice=notice,
        now=SystemClock.moment,
        emergency=emergency_folders(emergency, variables),
    )


def _backend(workspace: Workspace) -> "Backend":
    """Return the place that the environment's state is kept in."""
    from reconciler.adapters.store.file import FileBackend

    return FileBackend(workspace.settings.root / workspace.environment.state.removeprefix("file:"))


@cache
def contract_digest() -> str:
    """Return the digest of the schemas that manifests and requests are checked against."""
    from reconciler.adapters.schemas.bundled import REQUEST_SCHEMA, SEQUENCE_SCHEMA, schemas_folder
    from reconciler.model.jsonvalue import digest

    folder = schemas_folder()
    return digest(b"".join((folder / name).read_bytes() for name in (REQUEST_SCHEMA, SEQUENCE_SCHEMA)))


def body_checker() -> CheckBody:
    """Return the check of a request's body against the published contract."""
    from reconciler.adapters.schemas.bundled import REQUEST_SCHEMA, schemas_folder
    from reconciler.adapters.schemas.checker import RequestValidator

    validator = RequestValidator(schemas_folder() / REQUEST_SCHEMA)
    return lambda payload: validator.check(payload.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An environment's API. `halt` lets nothing leave from then on; `via` names the proxy on the way."""

    reader: "ApiReader"
    writer: "ApiWriter"
    halt: Callable[[str], None]
    via: str | None


@contextmanager
def connect(
    workspace: Workspace,
    *,
    waiting: Waiting = lambda _seconds, _reason: None,
    notice: Callable[[str], None] = lambda _text: None,
) -> Iterator[Api]:
    """Open the environment's API; CredentialsError where there is no key.

    `waiting` is told of waits, `notice` of what the user should know once. The run's time begins here.
    """
    from reconciler.adapters.api.caller import Caller, EventPause
    from reconciler.adapters.api.client import ApiReader, ApiWriter
    from reconciler.adapters.api.shared import shared_limiter

    clock = SystemClock()
    limit = shared_limiter(workspace.environment, workspace.variables, notice)
    with _connection(workspace) as connection, limit as limiter:
        caller = Caller(
            connection,
            limiter=limiter,
            clock=clock,
            random=random.random,
            waiting=waiting,
            deadline=clock.monotonic() + workspace.environment.timeouts.run,
            pause=EventPause(),
        )
        yield Api(reader=ApiReader(caller), writer=ApiWriter(caller), halt=caller.halt, via=connection.via)


@contextmanager
def open_sandbox(root: Path) -> "Iterator[Simulator]":
    """Open the repository's embedded sandbox, made where there is none yet."""
    from reconciler.adapters.schemas.bundled import schemas_folder
    from reconciler.sandbox.simulator import Simulator

    path = root / PRIVATE_FOLDER / SANDBOX_FILE
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        simulator = Simulator(path, schema=schemas_folder() / "openapi" / "update-sequence.yaml")
    except ValueError as error:
        raise ConfigurationError(str(error), hint="nothing but the sandbox is in it") from error
    except OSError as error:
        raise ConfigurationError(
            f"the sandbox in {path.parent} cannot be opened: {error.strerror}", hint="check the folder's permissions"
        ) from error
    with simulator:
        yield simulator


class SystemClock:
    """The machine's own clock (a Clock of the ports)."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    @staticmethod
    def moment() -> str:
        """Return the moment as RFC 3339 text in UTC, to the second."""
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def _connection(workspace: Workspace) -> "Iterator[Connection]":
    from reconciler.adapters.api.connection import Connection

    environment = workspace.environment
    if environment.is_sandbox:
        with _embedded(workspace) as connection:
            yield connection
        return
    key = workspace.variables.get(environment.api_key_env)
    if not key:
        raise CredentialsError(
            f"environment `{environment.name}` needs a key, and ${environment.api_key_env} is not set",
            hint=f"set {environment.api_key_env}, or plan offline with --refresh none",
        )
    timeouts = environment.timeouts
    connection = Connection(
        base_url=environment.api, key=key, connect_timeout=timeouts.connect, request_timeout=timeouts.request
    )
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _embedded(workspace: Workspace) -> "Iterator[Connection]":
    from reconciler.adapters.api.connection import Connection
    from reconciler.adapters.api.inprocess import InProcessTransport
    from reconciler.sandbox.app import create_app
    from reconciler.sandbox.keys import FULL_KEY

    with open_sandbox(workspace.settings.root) as simulator:
        connection = Connection(
            base_url=SANDBOX_URL,
            key=FULL_KEY,
            connect_timeout=10,
            request_timeout=60,
            transport=InProcessTransport(create_app(simulator)),
        )
        try:
            yield connection
        finally:
            connection.close()
