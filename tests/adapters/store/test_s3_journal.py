"""The numbered journal: whoever was displaced finds their number taken, however much was swept meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.adapters.store.backend import Backend, MovedError
from reconciler.adapters.store.s3 import KEPT
from reconciler.errors import StateError
from reconciler.model.state import Saved
from tests.adapters.store.s3_service import Answer, Onward, Request, answered, failing, proxied, running_service
from tests.adapters.store.test_s3_faults import KEY, Scene, data


@pytest.fixture
def scene() -> Iterator[Scene]:
    with proxied(running_service()) as proxy:
        yield Scene(proxy)


def object_name(number: int) -> str:
    return f"{KEY}.journal/{number:08d}"


def left(scene: Scene, folder: str = f"{KEY}.journal") -> list[str]:
    return [each.rpartition("/")[2] for each in scene.other._objects.names(folder)]


def winners(attempts: list[Callable[[], object]]) -> int:
    """How many of these, all at once, are not told that somebody else was first."""
    together = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> int:
        together.wait()
        try:
            attempt()
        except MovedError:
            return 0
        return 1

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sum(pool.map(run, attempts))


def test_numbers_go_on_and_what_counts_for_nothing_is_swept(scene: Scene) -> None:
    backend = scene.other
    end = backend.start_journal(b"a\n", expected=None)
    end = backend.append_journal(b"b\n", expected=end)
    assert left(scene) == ["00000001", "00000002"]
    backend.drop_journal(expected=end)
    assert left(scene) == ["00000003"]
    assert backend.read_journal() is None
    end = backend.start_journal(b"c\n", expected=None)
    assert backend.read_journal() == (b"c\n", end)
    assert left(scene) == ["00000004"]


def test_a_journal_of_many_parts_comes_back_in_order(scene: Scene) -> None:
    parts = [f"part {number}\n".encode() for number in range(150)]
    end = scene.other.start_journal(b"head\n", expected=None)
    for part in parts:
        end = scene.other.append_journal(part, expected=end)
    assert scene.other.read_journal() == (b"head\n" + b"".join(parts), end)
    scene.other.drop_journal(expected=end)
    assert left(scene) == ["00000152"]


@pytest.mark.parametrize("expected", [None, "journal"])
def test_of_many_who_start_or_append_at_once_exactly_one_does(scene: Scene, expected: str | None) -> None:
    for _ in range(5):
        held = scene.other.read_journal()
        if expected and held is None:
            end = scene.other.start_journal(b"head\n", expected=None)
        else:
            end = held.version if held else ""
        makers: list[Backend] = [scene.other, scene.backend, scene.client(), scene.client()]
        if expected is None:
            tries = [lambda b=b: b.start_journal(b"head\n", expected=None) for b in makers]
        else:
            tries = [lambda b=b, end=end: b.append_journal(b"part\n", expected=end) for b in makers]
        assert winners(tries) == 1
        held = scene.other.read_journal()
        assert held is not None
        if expected is None:
            assert held.data == b"head\n"
            scene.other.drop_journal(expected=held.version)
    if expected:
        assert held.data == b"head\n" + b"part\n" * 5


def test_one_who_was_displaced_long_ago_is_told_and_leaves_nothing(scene: Scene) -> None:
    end = scene.backend.start_journal(b"old\n", expected=None)
    end = scene.backend.append_journal(b"part\n", expected=end)
    later = scene.other.start_journal(b"new\n", expected=end)
    scene.other.drop_journal(expected=later)
    for _ in range(2):
        scene.other.drop_journal(expected=scene.other.start_journal(b"more\n", expected=None))
    assert object_name(3) not in left(scene)  # the number that the old one would take next is free again
    before = left(scene)
    for late in (
        lambda: scene.backend.append_journal(b"late\n", expected=end),
        lambda: scene.backend.drop_journal(expected=end),
        lambda: scene.backend.start_journal(b"late\n", expected=end),
    ):
        with pytest.raises(MovedError):
            late()
        assert left(scene) == before
        assert scene.other.read_journal() is None


def test_one_whose_number_is_swept_this_very_moment_is_told_too(scene: Scene) -> None:
    paused = scene.other
    end = paused.start_journal(b"old\n", expected=None)
    end = paused.append_journal(b"part\n", expected=end)
    fenced = scene.client().append_journal(b"fence\n", expected=end)
    told: list[bool] = []

    def wake(request: Request, onward: Onward) -> Answer:
        answer = onward(request)
        with pytest.raises(MovedError):
            paused.append_journal(b"late\n", expected=end)
        told.append(True)
        return answer

    scene.proxy.once(f"DELETE {object_name(3)}", wake)
    begun = scene.backend.start_journal(b"new\n", expected=fenced)
    assert told == [True]
    assert scene.other.read_journal() == (b"new\n", begun)


def test_one_who_starts_on_what_was_empty_long_ago_is_told(scene: Scene) -> None:
    def overtaken(request: Request, onward: Onward) -> Answer:
        for _ in range(2):
            end = scene.other.start_journal(b"theirs\n", expected=None)
            scene.other.drop_journal(expected=scene.other.append_journal(b"part\n", expected=end))
        return onward(request)

    scene.proxy.once(f"PUT {object_name(1)}", overtaken)
    with pytest.raises(MovedError):
        scene.backend.start_journal(b"late\n", expected=None)
    assert left(scene) == ["00000006"]
    assert scene.other.read_journal() is None


@pytest.mark.parametrize("lags", [False, True])
def test_one_who_starts_after_an_end_that_was_swept_long_ago_is_told(scene: Scene, lags: bool) -> None:
    scene.other.drop_journal(expected=scene.other.start_journal(b"first\n", expected=None))
    lists: list[Answer] = []

    def overtaken(request: Request, onward: Onward) -> Answer:
        if request.name.startswith("LIST"):
            lists.append(onward(request))
            return lists[0] if lags else lists[-1]
        if request.name == f"PUT {object_name(3)}":
            for _ in range(2):
                scene.other.drop_journal(expected=scene.other.start_journal(b"theirs\n", expected=None))
        return onward(request)

    scene.proxy.rule = overtaken
    with pytest.raises(MovedError):
        scene.backend.start_journal(b"late\n", expected=None)
    assert len(lists) == 2
    assert scene.other.read_journal() is None
    assert left(scene) == ["00000006"]


def test_a_sweep_goes_upwards_to_the_start_that_was_displaced_before_it_takes_the_rest(scene: Scene) -> None:
    scene.proxy.always("DELETE", answered(403, "AccessDenied"))  # leaves everything
    end = scene.backend.start_journal(b"first\n", expected=None)
    end = scene.backend.start_journal(b"second\n", expected=scene.backend.append_journal(b"part\n", expected=end))
    end = scene.backend.append_journal(b"part\n", expected=scene.backend.append_journal(b"part\n", expected=end))
    assert left(scene) == [f"{number:08d}" for number in range(1, 6)]
    assert scene.other.read_journal() == (b"second\npart\npart\n", end)
    scene.proxy.rule = lambda request, onward: onward(request)
    scene.proxy.seen.clear()
    scene.backend.drop_journal(expected=end)
    deleted = [each for each in scene.proxy.seen if each.startswith("DELETE")]
    assert deleted[:3] == [f"DELETE {object_name(number)}" for number in (1, 2, 3)]
    assert sorted(deleted[3:]) == [f"DELETE {object_name(number)}" for number in (4, 5)]
    assert left(scene) == ["00000006"]


def test_a_sweep_that_is_cut_short_stops_there(scene: Scene) -> None:
    end = scene.other.start_journal(b"first\n", expected=None)
    end = scene.other.append_journal(b"part\n", expected=end)
    scene.proxy.once(f"DELETE {object_name(1)}", answered(503, "SlowDown"))
    scene.backend.drop_journal(expected=end)
    assert left(scene) == ["00000001", "00000002", "00000003"]
    assert scene.other.read_journal() is None


def test_a_list_that_lags_behind_hides_nothing(scene: Scene) -> None:
    lists: dict[str, Answer] = {}

    def lagging(request: Request, onward: Onward) -> Answer:
        return lists.setdefault(request.path, onward(request))

    end = scene.other.start_journal(b"head\n", expected=None)
    scene.proxy.always("LIST", lagging)
    assert scene.backend.read_journal() == (b"head\n", end)
    for number in range(3):
        end = scene.other.append_journal(b"part %d\n" % number, expected=end)
        assert scene.backend.read_journal() == (b"head\npart 0\npart 1\npart 2\n"[: 5 + 7 * (number + 1)], end)
    scene.other.drop_journal(expected=end)
    with pytest.raises(StateError, match="objects in the middle of it are missing"):
        scene.backend.read_journal()  # older than the sweep: it is waited for, and then nothing is claimed
    assert len(scene.pauses) == 4
    lists.clear()
    assert scene.backend.read_journal() is None


def test_a_reader_in_the_middle_of_a_sweep_reads_again(scene: Scene) -> None:
    end = scene.other.start_journal(b"head\n", expected=None)
    for _ in range(3):
        end = scene.other.append_journal(b"part\n", expected=end)

    def swept(request: Request, onward: Onward) -> Answer:
        answer = onward(request)
        scene.other.start_journal(b"new\n", expected=end)
        return answer

    scene.proxy.once(f"GET {object_name(5)}", swept)
    held = scene.backend.read_journal()
    assert held is not None
    assert held == (b"new\n", "5-5")


def test_a_hole_in_the_journal_is_not_read_over(scene: Scene) -> None:
    end = scene.other.start_journal(b"head\n", expected=None)
    for _ in range(3):
        end = scene.other.append_journal(b"part\n", expected=end)
    scene.other._objects.remove([object_name(2)])
    with pytest.raises(StateError, match="objects in the middle of it are missing"):
        scene.backend.read_journal()
    scene.other._objects.create(object_name(2), b"of another program")
    with pytest.raises(StateError, match="damaged, or another program wrote it"):
        scene.other.read_journal()


def test_a_state_that_is_gone_although_something_lies_beside_it_is_not_empty(scene: Scene) -> None:
    scene.other.write_state(b"state", expected=None, saved=Saved(serial=1, since="now", by="ann"))
    scene.other._objects.remove([KEY])
    with pytest.raises(StateError, match="is missing, but what lies beside it"):
        scene.other.read_state()
    scene.other._objects.remove(scene.other._objects.names(f"{KEY}.history"))
    assert scene.other.read_state() is None
    scene.other.drop_journal(expected=scene.other.start_journal(b"head\n", expected=None))
    with pytest.raises(StateError, match="is missing, but what lies beside it"):
        scene.other.read_state()


def test_the_last_versions_are_kept_and_the_oldest_are_not(scene: Scene) -> None:
    version = None
    for serial in range(1, KEPT + 4):
        saved = Saved(serial=serial, since=f"T{serial}", by="Zoë / ci: run #7 " + "x" * 300)
        version = scene.other.write_state(b"state %d" % serial, expected=version, saved=saved)
    serials = [each.serial for each in scene.other.history()]
    assert serials == list(range(KEPT + 3, 3, -1))
    assert scene.other.history()[0].since == f"T{KEPT + 3}"
    assert scene.other.history()[0].by.startswith("Zoë / ci: run #7 xxx")
    assert scene.other.recall(4) == b"state 4"
    assert scene.other.recall(3) is None


def test_room_is_asked_for_by_writing_and_leaves_nothing(scene: Scene) -> None:
    scene.backend.require_room(10)
    assert "DELETE" in " ".join(scene.proxy.seen)
    assert running_service().objects(scene.bucket) == ()


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_a_service_that_passes_over_a_condition_is_refused(scene: Scene, header: str) -> None:
    def deaf(request: Request, onward: Onward) -> Answer:
        kept = {name: value for name, value in request.headers.items() if name.lower() != header.lower()}
        return onward(request._replace(headers=kept))

    scene.proxy.always("PUT", deaf)
    with pytest.raises(StateError, match=f"passes over {header}") as caught:
        scene.backend.require_room(10)
    assert "git:" in str(caught.value.hint)
    assert running_service().objects(scene.bucket) == ()


@pytest.mark.parametrize(("method", "permission"), [("PUT", "s3:PutObject"), ("DELETE", "s3:DeleteObject")])
def test_credentials_that_may_not_write_are_found_by_asking_for_room(
    scene: Scene, method: str, permission: str
) -> None:
    scene.proxy.always(method, lambda _, __: failing(403, "AccessDenied"))
    with pytest.raises(StateError, match="403 AccessDenied") as caught:
        scene.backend.require_room(10)
    assert permission in str(caught.value.hint)


def test_a_lock_that_was_let_go_of_stays_as_an_object_that_says_so(scene: Scene) -> None:
    scene.other.swap_lock(b"mine", expected=None)
    held = scene.other.read_lock()
    assert held is not None
    scene.other.swap_lock(None, expected=held.version)
    assert scene.other._objects.read(f"{KEY}.lock").data.startswith(b"free ")  # type: ignore[union-attr]
    with pytest.raises(MovedError):
        scene.other.swap_lock(None, expected=held.version)
    scene.other.swap_lock(b"next", expected=None)
    assert data(scene.other.read_lock()) == b"next"


def test_of_many_who_take_the_lock_at_once_exactly_one_does(scene: Scene) -> None:
    for _ in range(5):
        makers = [scene.other, scene.backend, scene.client(), scene.client()]
        assert winners([lambda b=b: b.swap_lock(b"lock", expected=None) for b in makers]) == 1
        held = scene.other.read_lock()
        assert held is not None
        scene.other.swap_lock(None, expected=held.version)
