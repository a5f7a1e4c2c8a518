"""What tests have workers do. A worker imports this module, as it imports the tool."""

from pathlib import Path

from reconciler.adapters.engine.seat import current_seat
from reconciler.errors import LockedError, StateError
from reconciler.model.sequence import Payload
from reconciler.model.state import Intended
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace


def seat_name() -> str | None:
    """Return what this worker calls itself."""
    seat = current_seat()
    return None if seat is None else seat.name


def word(name: str) -> tuple[bool, str | None]:
    """Return whether a name is of this engine, and what its engine says proves that it is gone."""
    seat = current_seat()
    assert seat is not None
    return seat.shares_engine(name), seat.proof(name)


def take(root: str) -> str:
    """Take the lock of the repository's sandbox and keep it; return what was said."""
    said: list[str] = []
    store = open_store(open_workspace(Path(root), "sandbox"), notice=said.append)
    try:
        store.begin(store.load(), "apply")
    except LockedError as error:
        return error.message
    return " ".join(said) or "taken"


def take_and_go_on(root: str, begun: str, go: str) -> None:
    """Take the lock, say so, wait to be told, then try to write; what came of that goes to the second pipe too."""
    store = open_store(open_workspace(Path(root), "sandbox"))
    session = store.begin(store.load(), "apply")
    Path(begun).write_text("begun", encoding="utf-8")
    Path(go).read_text(encoding="utf-8")
    try:
        session.append(Intended(custom_id="new", payload=Payload(b"{}"), since="T"))
    except StateError as error:
        Path(begun).write_text(f"refused: {error.message}", encoding="utf-8")
    else:
        Path(begun).write_text("written", encoding="utf-8")
