"""What became of a request that no status line came back for: whether it provably never left."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Failure(StrEnum):
    """How a request ended without an answer."""

    # The host was never spoken to.
    NAME = "name"  # its name did not resolve
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect timeout"
    UNTRUSTED = "untrusted"  # its certificate
    HANDSHAKE = "handshake"  # it does not speak TLS as we do
    PROXY = "proxy"  # a proxy would not lead there
    # It was not tried.
    POOL = "pool"  # no connection was free in time
    MALFORMED = "malformed"  # what was to be sent is no request
    HALTED = "halted"
    OUT_OF_TIME = "out of time"
    HELD = "held"  # the API refused it (429) and asks for more patience than a run has
    # It may have arrived.
    WRITE = "write"
    WRITE_TIMEOUT = "write timeout"
    READ = "read"
    READ_TIMEOUT = "read timeout"
    PROTOCOL = "protocol"  # what came back is not HTTP
    UNKNOWN = "unknown"


_NOT_SENT: Final = frozenset(
    {
        Failure.NAME,
        Failure.REFUSED,
        Failure.UNREACHABLE,
        Failure.CONNECT_TIMEOUT,
        Failure.UNTRUSTED,
        Failure.HANDSHAKE,
        Failure.PROXY,
        Failure.POOL,
        Failure.MALFORMED,
        Failure.HALTED,
        Failure.OUT_OF_TIME,
        Failure.HELD,
    }
)


@dataclass(frozen=True, slots=True)
class NoReply:
    """No status line came. `was_sent` is False only where it is proved that the API has not acted."""

    reason: str
    was_sent: bool
    failure: Failure


def may_have_arrived(failure: Failure) -> bool:
    """Tell whether the API may have acted on the request: False only where that is ruled out (faults, section 1)."""
    return failure not in _NOT_SENT


def no_reply(failure: Failure, reason: str) -> NoReply:
    """Return what a failure says about the request."""
    return NoReply(reason, may_have_arrived(failure), failure)
