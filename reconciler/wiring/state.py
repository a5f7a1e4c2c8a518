"""Where an environment's state is kept, put together."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.model.hold import Hold
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.workspace import Workspace

if TYPE_CHECKING:
    from reconciler.adapters.engine.seat import Seat
    from reconciler.adapters.store.alike import Alike
    from reconciler.adapters.store.backend import Backend
    from reconciler.adapters.store.store import Store

_GIT: Final = "git:"
_S3: Final = "s3://"
_FILE: Final = "file:"


def open_store(
    workspace: Workspace,
    *,
    notice: Callable[[str], None] = lambda _text: None,
    emergency: Path | None = None,
    alike: "Alike | None" = None,
) -> "Store":
    """Return the store that holds the environment's state.

    `notice` is told when a lock is taken over; `emergency` is a folder for an emergency copy; `alike` is shared by the
    stores of many organisations, of which most may hold the same.
    """
    from reconciler.adapters.store.emergency import emergency_folders
    from reconciler.adapters.store.store import Store

    variables, seat = workspace.variables, _seat()

    def me(purpose: str) -> Hold:
        from reconciler.adapters.holders.identity import me

        return me(purpose, since=SystemClock.moment(), variables=variables, engine=None if seat is None else seat.name)

    def is_gone(hold: Hold) -> str | None:
        from reconciler.adapters.holders.proof import proof

        if seat is not None and hold.engine is not None and seat.shares_engine(hold.engine):
            return seat.proof(hold.engine)
        return proof(hold, variables=variables)

    return Store(
        _backend(workspace),
        me=me,
        is_gone=is_gone,
        notice=notice,
        now=SystemClock.moment,
        emergency=emergency_folders(emergency, variables),
        alike=alike,
    )


def _seat() -> "Seat | None":
    """Return this thread's seat in an engine; whoever is in none has not loaded the engine's library, nor does this."""
    if "distributed" not in sys.modules:
        return None
    from reconciler.adapters.engine.seat import current_seat

    return current_seat()


def _backend(workspace: Workspace) -> "Backend":
    """Return the place that the environment's state is kept in (contract: design, section 7)."""
    address, root = workspace.environment.state, workspace.settings.root
    if address.startswith(_GIT):
        from reconciler.adapters.store.git import GitBackend

        return GitBackend(root, address.removeprefix(_GIT))
    if address.startswith(_S3):
        from reconciler.adapters.store.s3 import S3Backend

        bucket, _, key = address.removeprefix(_S3).partition("/")
        return S3Backend(bucket, key, request=workspace.environment.timeouts.request)
    from reconciler.adapters.store.file import FileBackend

    return FileBackend(root / address.removeprefix(_FILE))
