"""The way to an engine: a client of Dask's scheduler at an address, or why there is none."""

import logging
import socket
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from distributed import Client
from distributed.versions import VersionMismatchWarning

from reconciler.adapters.engine.task import Document
from reconciler.errors import ConfigurationError, ReconcilerError, UnavailableError, UsageError

Connection: TypeAlias = Client

# Seconds to wait for the scheduler.
_PATIENCE: Final = 10.0
# Seconds to wait for workers, which perhaps load the tool only now.
_LOADING: Final = 60.0
# Seconds to wait for a scheduler that has answered before.
_ANSWER: Final = 10.0
# An exception says all that matters; what these would log beside it is for who runs the cluster, and is in its logs.
_LOUD: Final = ("distributed", "distributed.client", "tornado", "tornado.application")


@contextmanager
def connected(address: str, *, patience: float = _PATIENCE) -> Iterator[Client]:
    """Connect to a scheduler for the length of a block; UnavailableError where nobody answers there as one."""
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", category=VersionMismatchWarning)
    client = _client(address, patience)
    try:
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=5)


def ask(client: Client, question: str, **given: Any) -> Any:
    """Ask the scheduler; OSError, TimeoutError or RuntimeError where it does not answer."""
    return client.sync(getattr(client.scheduler, question), callback_timeout=_ANSWER, **given)


def _client(address: str, patience: float) -> Client:
    _require_listener(address, patience)
    try:
        return Client(address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise UnavailableError(
            f"what answers at {address} is no engine, or has another version of `distributed`",
            hint="`dask scheduler` starts one, and says its address; nothing was begun",
        ) from error
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise ConfigurationError(
            f"the engine at {address} cannot be used: {error}",
            hint="tls:// needs DASK_DISTRIBUTED__COMM__TLS__CA_FILE, and a certificate and a key for the client",
        ) from error


def _require_listener(address: str, patience: float) -> None:
    """See that anybody listens there at all: a client of Dask's would go on trying, and not say why it fails."""
    try:
        host, port = urlsplit(address).hostname, urlsplit(address).port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise UsageError(f"`{address}` is no address of an engine", hint="an address looks like tcp://HOST:8786")
    try:
        socket.create_connection((host, port), timeout=patience).close()
    except OSError as error:
        raise UnavailableError(
            f"no engine answers at {address}: {error.strerror or 'nothing is heard from there'}",
            hint="`dask scheduler` starts one, and says its address; nothing was begun",
        ) from error


def described(
    client: Client, describe: Callable[..., Document], *arguments: Any, address: str
) -> Mapping[str, Document]:
    """Return what each worker says of itself.

    ConfigurationError where one does not have this tool, UnavailableError where there is none, or one says nothing.
    """
    try:
        said: Mapping[str, Document] = client.run(describe, *arguments, on_error="return", callback_timeout=_LOADING)
    except (OSError, TimeoutError) as error:
        raise UnavailableError(
            f"a worker of the engine at {address} does not answer", hint="end that worker, or start it anew"
        ) from error
    if not said:
        raise UnavailableError(
            f"the engine at {address} has no worker", hint=f"`dask worker {address}` starts one; nothing was begun"
        )
    for worker, each in sorted(said.items()):
        if isinstance(each, ReconcilerError):
            raise each
        if isinstance(each, BaseException):
            raise ConfigurationError(
                f"the worker at {worker} cannot do it: {type(each).__name__}: {each}",
                hint="each worker needs the same version of the tool: pip install 'reconciler[engine]'",
            )
    return said
