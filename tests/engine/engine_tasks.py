"""What tests have workers do. A worker imports this module, as it imports the tool."""

import os
import threading
from pathlib import Path

from reconciler.adapters.engine.seat import current_seat
from reconciler.adapters.engine.task import Assignment, Document, Stop
from reconciler.errors import LockedError, StateError
from reconciler.model.sequence import Payload
from reconciler.model.state import Intended
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace
from tests.engine.meeting import PATIENCE, meet


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


def take_and_go_on(root: str, port: int) -> None:
    """Take the lock, wait to be told, then try to write, and say what came of that."""
    store = open_store(open_workspace(Path(root), "sandbox"))
    session = store.begin(store.load(), "apply")
    meet(port, "taken", os.getpid())
    try:
        session.append(Intended(custom_id="new", payload=Payload(b"{}"), since="T"))
    except StateError as error:
        meet(port, f"refused: {error.message}", os.getpid())
    else:
        meet(port, "written", os.getpid())


def echo(given: Assignment) -> Document:
    """Hand a task's document back."""
    given.tell({"heard": given.document["n"]})
    return {**given.document, "why": given.stop.why}


def wait(given: Assignment) -> Document:
    """Wait for a word: to go on, or to wind up once that is asked for."""
    if meet(given.document["port"], given.document["name"], os.getpid()) == "wind up":
        wound_up(given.stop)
    return {"why": given.stop.why, "by": os.getpid(), "is_again": given.is_again}


def leave_behind(given: Assignment) -> Document:
    """Wait until it is to wind up, and say why, since nobody takes the result."""
    meet(given.document["port"], "begun", os.getpid())
    meet(given.document["port"], wound_up(given.stop)["message"], os.getpid())
    return {}


def wound_up(stop: Stop) -> Document:
    is_set = threading.Event()
    with stop.waking(lambda _why: is_set.set()):
        assert is_set.wait(PATIENCE)
    assert stop.why is not None
    return stop.why


def fail(given: Assignment) -> Document:
    """Fail as nothing ever should."""
    raise LookupError(f"canary {given.document}")
