"""An environment's API, put together: over the network, or the embedded sandbox."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.app.watching import NOBODY
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.settings import PRIVATE_FOLDER
from reconciler.ports import Watch
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.telemetry import organisation
from reconciler.wiring.workspace import Workspace

if TYPE_CHECKING:
    from reconciler.adapters.api.client import ApiReader, ApiWriter
    from reconciler.adapters.api.connection import Connection
    from reconciler.adapters.api.exchange import Exchange
    from reconciler.ports import Telemetry
    from reconciler.sandbox.simulator import Simulator

SANDBOX_FILE: Final = "sandbox.sqlite3"
SANDBOX_URL: Final = "http://localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An environment's API. `halt` lets nothing leave from then on, and is told why."""

    reader: "ApiReader"
    writer: "ApiWriter"
    halt: Callable[[str], None]


@contextmanager
def connect(workspace: Workspace, watch: Watch = NOBODY) -> Iterator[Api]:
    """Open the environment's API; CredentialsError where there is no key. The run's time begins here."""
    from reconciler.adapters.api.caller import Caller, EventPause
    from reconciler.adapters.api.client import ApiReader, ApiWriter
    from reconciler.adapters.api.counting import CountingExchange
    from reconciler.adapters.api.shared import shared_limiter

    clock = SystemClock()
    limit = shared_limiter(workspace.environment, workspace.variables, watch.notice)
    within = organisation(workspace.environment.name)
    with within as telemetry, _connection(workspace) as connection, limit as limiter:
        caller = Caller(
            CountingExchange(
                _observed(connection, workspace, telemetry),
                lambda is_throttled: watch.requested(is_throttled=is_throttled),
            ),
            limiter=limiter,
            clock=clock,
            random=random.random,
            waiting=watch.waiting,
            deadline=clock.monotonic() + workspace.environment.timeouts.run,
            pause=EventPause(),
            telemetry=telemetry,
        )
        if connection.via is not None:
            watch.notice(f"via proxy {connection.via}")
        yield Api(reader=ApiReader(caller), writer=ApiWriter(caller), halt=caller.halt)


def _observed(connection: "Connection", workspace: Workspace, telemetry: "Telemetry") -> "Exchange":
    """Return what requests are sent through: where nobody listens, the connection itself."""
    if not telemetry.listens:
        return connection
    from reconciler.adapters.api.observed import ObservedExchange

    environment = workspace.environment
    base_url = SANDBOX_URL if environment.is_sandbox else environment.api
    return ObservedExchange(connection, telemetry, base_url=base_url, clock=SystemClock())


@contextmanager
def open_sandbox(root: Path, file: str = SANDBOX_FILE) -> "Iterator[Simulator]":
    """Open the repository's embedded sandbox, made where there is none yet; `file` is its own in the private folder."""
    from reconciler.adapters.schemas.bundled import schemas_folder
    from reconciler.sandbox.simulator import Simulator

    path = root / PRIVATE_FOLDER / file
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        simulator = Simulator(path, schema=schemas_folder() / "openapi" / "update-sequence.yaml")
    except ValueError as error:
        raise ConfigurationError(str(error), hint="nothing but the sandbox is in it") from error
    except OSError as error:
        raise ConfigurationError(
            f"the sandbox in {path.parent} cannot be opened: {error.strerror}", hint="check the folder's permissions"
        ) from error
    with simulator:
        yield simulator


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

    with open_sandbox(workspace.settings.root, workspace.environment.sandbox) as simulator:
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
