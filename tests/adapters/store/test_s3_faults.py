"""State in S3 while answers get lost: a write that nobody answered for is read back, and the bytes decide."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from reconciler.adapters.store.backend import Held, MovedError
from reconciler.adapters.store.s3 import S3Backend
from reconciler.errors import StateError
from reconciler.model.state import Saved
from tests.adapters.store.s3_service import (
    Answer,
    Onward,
    Proxy,
    Request,
    Rule,
    answered,
    answered_after,
    failing,
    lost_after,
    lost_before,
    opened,
    proxied,
    running_service,
)

KEY = "state.json"
SAVED = Saved(serial=1, since="2026-01-01T00:00:00Z", by="ann@host")


class Scene:
    """One bucket, seen by whoever goes through the proxy, and by another one who goes straight to the service."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.bucket = running_service().new_bucket()
        self.other = opened(running_service().url, self.bucket)
        self.pauses: list[float] = []
        self.backend = self.client()

    def client(self, **options: float) -> S3Backend:
        return opened(self.proxy.url, self.bucket, sleep=self.pauses.append, **options)

    def puts(self, name: str) -> int:
        return self.proxy.seen.count(f"PUT {name}")


@pytest.fixture
def scene() -> Iterator[Scene]:
    with proxied(running_service()) as proxy:
        yield Scene(proxy)


def data(held: Held | None) -> bytes | None:
    return None if held is None else held.data


def holds(backend: S3Backend) -> tuple[bytes | None, bytes | None, bytes | None]:
    return data(backend.read_state()), data(backend.read_lock()), data(backend.read_journal())


def version(held: Held | None) -> str:
    assert held is not None
    return held.version


@dataclass
class Write:
    """One kind of write: what is there before, the write, the object that it puts, and what is there afterwards."""

    before: Callable[[S3Backend], object]
    act: Callable[[S3Backend], object]
    name: str
    after: tuple[bytes | None, bytes | None, bytes | None]


def nothing(_: S3Backend) -> None:
    pass


def old(backend: S3Backend) -> None:
    backend.write_state(b"old", expected=None, saved=SAVED)


def locked(backend: S3Backend) -> None:
    old(backend)
    backend.swap_lock(b"mine", expected=None)


def freed(backend: S3Backend) -> None:
    locked(backend)
    backend.swap_lock(None, expected=version(backend.read_lock()))


def begun(backend: S3Backend) -> None:
    old(backend)
    backend.start_journal(b"head\n", expected=None)


def journal_end(backend: S3Backend) -> str:
    return version(backend.read_journal())


WRITES = {
    "first state": Write(
        nothing, lambda b: b.write_state(b"new", expected=None, saved=SAVED), KEY, (b"new", None, None)
    ),
    "state": Write(
        old,
        lambda b: b.write_state(b"new", expected=version(b.read_state()), saved=SAVED),
        KEY,
        (b"new", None, None),
    ),
    "first lock": Write(old, lambda b: b.swap_lock(b"mine", expected=None), f"{KEY}.lock", (b"old", b"mine", None)),
    "lock": Write(freed, lambda b: b.swap_lock(b"mine", expected=None), f"{KEY}.lock", (b"old", b"mine", None)),
    "letting go": Write(
        locked,
        lambda b: b.swap_lock(None, expected=version(b.read_lock())),
        f"{KEY}.lock",
        (b"old", None, None),
    ),
    "start": Write(
        old, lambda b: b.start_journal(b"head\n", expected=None), f"{KEY}.journal/00000001", (b"old", None, b"head\n")
    ),
    "append": Write(
        begun,
        lambda b: b.append_journal(b"part\n", expected=journal_end(b)),
        f"{KEY}.journal/00000002",
        (b"old", None, b"head\npart\n"),
    ),
    "drop": Write(
        begun, lambda b: b.drop_journal(expected=journal_end(b)), f"{KEY}.journal/00000002", (b"old", None, None)
    ),
}
# The fault, and how often the object is put then: once where it had been done.
PASSING: dict[str, tuple[Rule, int]] = {
    "lost before": (lost_before, 2),
    "lost after": (lost_after, 1),
    "500 before": (answered(500, "InternalError"), 2),
    "503 after": (answered_after(503, "SlowDown"), 1),
    "409": (answered(409, "ConditionalRequestConflict"), 2),
    "429": (answered(429, "SlowDown"), 2),
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("kind", WRITES)
def test_a_fault_that_passes_leaves_the_write_done_once(scene: Scene, kind: str, fault: str) -> None:
    write, (rule, puts) = WRITES[kind], PASSING[fault]
    write.before(scene.other)
    scene.proxy.once(f"PUT {write.name}", rule)
    write.act(scene.backend)
    assert holds(scene.other) == write.after
    assert scene.puts(write.name) == puts
    assert len(scene.pauses) == puts - 1


@pytest.mark.parametrize("kind", WRITES)
def test_a_put_that_was_repeated_by_something_on_the_way_is_ours_where_that_can_be_proved(
    scene: Scene, kind: str
) -> None:
    """What comes back then is 412. Where the bytes could be somebody else's, nothing is claimed."""
    write = WRITES[kind]
    write.before(scene.other)
    scene.proxy.once(f"PUT {write.name}", answered_after(412, "PreconditionFailed"))
    if "state" in kind:
        with pytest.raises(MovedError):
            write.act(scene.backend)
    else:
        write.act(scene.backend)
    assert holds(scene.other) == write.after
    assert scene.puts(write.name) == 1


@pytest.mark.parametrize("kind", WRITES)
def test_a_service_that_fails_on_and_on_is_told_and_nothing_has_changed(scene: Scene, kind: str) -> None:
    write = WRITES[kind]
    write.before(scene.other)
    before = holds(scene.other)
    scene.proxy.always("PUT", answered(503, "SlowDown"))
    with pytest.raises(StateError, match=r"cannot write .*: the service answered 503 SlowDown, 4 times in a row"):
        write.act(scene.backend)
    assert holds(scene.other) == before
    assert scene.puts(write.name) == 4
    assert scene.pauses == sorted(scene.pauses)
    assert len(set(scene.pauses)) == 3


def test_where_reading_back_fails_too_nobody_knows(scene: Scene) -> None:
    def rule(request: Request, onward: Onward) -> Answer | None:
        if request.method == "PUT":
            return lost_after(request, onward)
        return failing(403, "AccessDenied")

    scene.proxy.rule = rule
    with pytest.raises(StateError, match=r"nobody knows whether .*/state\.json was written"):
        scene.backend.write_state(b"new", expected=None, saved=SAVED)
    assert holds(scene.other) == (b"new", None, None)


def test_what_took_the_place_after_a_lost_write_is_not_taken_for_it(scene: Scene) -> None:
    scene.other.swap_lock(b"first", expected=None)
    first = version(scene.other.read_lock())

    def overtaken(request: Request, onward: Onward) -> None:
        onward(request)
        scene.other.swap_lock(b"theirs", expected=version(scene.other.read_lock()))

    scene.proxy.once(f"PUT {KEY}.lock", overtaken)
    with pytest.raises(MovedError):
        scene.backend.swap_lock(b"mine", expected=first)
    assert data(scene.other.read_lock()) == b"theirs"


def test_the_same_bytes_of_somebody_else_are_not_taken_for_ours(scene: Scene) -> None:
    scene.other.write_state(b"same", expected=None, saved=SAVED)
    with pytest.raises(MovedError):
        scene.backend.write_state(b"same", expected=None, saved=SAVED)
    scene.proxy.once(f"PUT {KEY}", answered(429, "SlowDown"))
    with pytest.raises(MovedError):
        scene.backend.write_state(b"same", expected=None, saved=SAVED)
    scene.other.swap_lock(b"same", expected=None)
    with pytest.raises(MovedError):
        scene.backend.swap_lock(b"same", expected=None)

    def overtaken(request: Request, _: Onward) -> None:
        scene.other.start_journal(b"same\n", expected=None)

    scene.proxy.once(f"PUT {KEY}.journal/00000001", overtaken)
    with pytest.raises(MovedError):
        scene.backend.start_journal(b"same\n", expected=None)


def test_an_answer_that_never_comes_is_not_waited_for(scene: Scene) -> None:
    over, ended = threading.Event(), threading.Event()

    def silent(request: Request, onward: Onward) -> None:
        onward(request)
        over.wait(30)
        ended.set()

    scene.proxy.once(f"PUT {KEY}", silent)
    scene.client(request=0.3).write_state(b"new", expected=None, saved=SAVED)
    assert not ended.is_set()
    over.set()
    assert holds(scene.other) == (b"new", None, None)
    assert scene.puts(KEY) == 1


def test_a_read_that_fails_for_a_while_is_repeated(scene: Scene) -> None:
    scene.other.write_state(b"old", expected=None, saved=SAVED)
    scene.proxy.once(f"GET {KEY}", answered(503, "SlowDown"))
    assert data(scene.backend.read_state()) == b"old"


def test_a_history_that_cannot_be_kept_takes_nothing_from_the_save(scene: Scene) -> None:
    def rule(request: Request, onward: Onward) -> Answer | None:
        return failing(403, "AccessDenied") if ".history/" in request.name else onward(request)

    scene.proxy.rule = rule
    scene.backend.write_state(b"new", expected=None, saved=SAVED)
    assert holds(scene.other) == (b"new", None, None)
    assert list(scene.other.history()) == []
