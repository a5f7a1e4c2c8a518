"""One budget for every process of a user on a machine: real files, real processes, and what can become of them."""

import fcntl
import json
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.api.limiter import Limiter
from reconciler.adapters.api.shared import SharedSlots, file_name, machine_start, state_folder
from reconciler.core.budget import NEVER, Limit, Turn
from tests.adapters.api.conftest import response
from tests.adapters.api.loopback import Loopback, Peer, serving

LIMIT = Limit(requests=3, seconds=60, patience=65)
NAME = file_name("https://api.example", "canary")


class Notices(list[str]):
    """What the user was told."""


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
def opened(tmp_path: Path, notices: Notices) -> Callable[..., SharedSlots]:
    def open_slots(folder: Path | None = tmp_path / "limits", limit: Limit = LIMIT) -> SharedSlots:
        return SharedSlots(folder, NAME, limit=limit, notice=notices.append)

    return open_slots


def uses_of(slots: SharedSlots, now: float = 5000.0) -> list[float]:
    with slots.opened(now) as page:
        return list(page.uses)


def used(slots: SharedSlots, *moments: float, limit: Limit = LIMIT) -> None:
    limiter = Limiter(limit, slots=slots)
    for moment in moments:
        turn = limiter.take(object(), moment)
        assert isinstance(turn, Turn)
        limiter.settle(turn, moment)


Opened = Callable[..., SharedSlots]


def test_what_one_uses_the_next_one_sees(opened: Opened, notices: Notices) -> None:
    first, second = opened(), opened()
    used(first, 4000.0)
    used(second, 4001.0)
    used(first, 4002.0)
    assert sorted(uses_of(first)) == sorted(uses_of(second)) == sorted(uses_of(opened())) == [4000.0, 4001.0, 4002.0]
    first.close()
    limiter = Limiter(LIMIT, slots=opened())
    turn = limiter.take(object(), 4003.0)
    assert isinstance(turn, Turn)
    assert turn.at == pytest.approx(4060.06)
    assert notices == []


def test_a_hold_is_seen_by_all(opened: Opened) -> None:
    Limiter(LIMIT, slots=opened()).hold(4030.0, 4000.0)
    turn = Limiter(LIMIT, slots=opened()).take(object(), 4001.0)
    assert isinstance(turn, Turn)
    assert turn.at == 4030.0


def test_other_limits_see_the_same_uses(opened: Opened) -> None:
    """More slots take nothing for granted; fewer look at the newest ones."""
    used(opened(), 4000.0, 4001.0, 4002.0)
    more = Limit(requests=5, seconds=60, patience=65)
    used(opened(limit=more), 4100.0, 4101.0, limit=more)
    assert sorted(uses_of(opened())) == [4000.0, 4001.0, 4002.0, 4100.0, 4101.0]
    fewer = Limiter(Limit(requests=2, seconds=60, patience=65), slots=opened())
    turn = fewer.take(object(), 4102.0)
    assert isinstance(turn, Turn)
    assert turn.at == pytest.approx(4160.06)


def test_only_its_owner_can_read_it_and_it_names_no_key(opened: Opened, tmp_path: Path) -> None:
    used(opened(), 4000.0)
    (path,) = (tmp_path / "limits").iterdir()
    assert (stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)
    assert re.fullmatch(r"[0-9a-f]{40}", path.name)
    assert b"canary" not in path.read_bytes()
    assert len({file_name(*each) for each in (("a", "k"), ("b", "k"), ("a", "l"), ("a\nk", ""))}) == 4


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/reconciler/limits"),
        ({"XDG_STATE_HOME": "here", "HOME": "/h"}, "/h/.local/state/reconciler/limits"),
        ({"HOME": "/h"}, "/h/.local/state/reconciler/limits"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_it_lies_where_programs_keep_their_state(variables: dict[str, str], folder: str | None) -> None:
    assert state_folder(variables) == (None if folder is None else Path(folder))


def test_what_is_over_is_written_down_with_what_is_still_out(opened: Opened) -> None:
    """Until then others take it for out, which is never too little; the last one that is out leaves nothing."""
    limiter, others = Limiter(LIMIT, slots=opened()), opened()
    first, second, third = (limiter.take(object(), now) for now in (4000.0, 4001.0, 4002.0))
    assert isinstance(first, Turn)
    assert isinstance(second, Turn)
    assert isinstance(third, Turn)
    limiter.settle(first, 4003.0)
    assert sorted(uses_of(others)) == [4065.0, 4066.0, 4067.0]
    limiter.lose(second, 4004.0)
    limiter.cancel(third, 4005.0)
    assert sorted(uses_of(others)) == [NEVER, 4003.0, 4066.0]
    assert isinstance(limiter.take(object(), 4006.0), Turn)


def test_whoever_asks_next_writes_down_what_is_over(opened: Opened) -> None:
    limiter, others = Limiter(LIMIT, slots=opened()), opened()
    first, _ = limiter.take(object(), 4000.0), limiter.take(object(), 4001.0)
    assert isinstance(first, Turn)
    limiter.settle(first, 4002.0)
    limiter.take(object(), 4003.0)
    assert sorted(uses_of(others)) == [4002.0, 4066.0, 4068.0]


# --- what can become of the file --------------------------------------------------------------------------------------


def spoilt(path: Path) -> list[bytes]:
    whole = path.read_bytes()
    header = struct.Struct("=16s16sQQd")
    values = header.unpack_from(whole)
    return [
        *[whole[:length] for length in range(0, len(whole), 7)],
        whole + bytes(8),
        b"x" * len(whole),
        b"\0" * len(whole),
        whole[:-8] + struct.pack("=d", float("nan")),
        whole[:-8] + struct.pack("=d", float("inf")),
        whole[:-8] + struct.pack("=d", 1e15),
        header.pack(*values[:4], float("nan")) + whole[header.size :],
        header.pack(*values[:4], 1e15) + whole[header.size :],
    ]


def test_a_file_that_is_not_whole_counts_as_used_up_just_now(opened: Opened, tmp_path: Path, notices: Notices) -> None:
    used(opened(), 4000.0, 4001.0, 4002.0)
    path = tmp_path / "limits" / NAME
    kept = opened()
    assert sorted(uses_of(kept)) == [4000.0, 4001.0, 4002.0]
    for data in spoilt(path):
        path.write_bytes(data)
        assert uses_of(opened(), 5000.0) == [5000.0] * 3, data
        assert uses_of(kept, 5001.0) == [5000.0] * 3, data
    assert notices == []


def test_after_another_start_of_the_machine_all_counts_as_used_when_it_began(opened: Opened, tmp_path: Path) -> None:
    used(opened(), 4000.0, 4001.0, 4002.0)
    path = tmp_path / "limits" / NAME
    data = path.read_bytes()
    assert data[16:32] == machine_start()
    path.write_bytes(data[:16] + b"another start..." + data[32:])
    turn = Limiter(LIMIT, slots=opened()).take(object(), 20.0)
    assert isinstance(turn, Turn)
    assert turn.at == pytest.approx(60.06)
    assert path.read_bytes()[16:32] == machine_start()


def test_the_first_one_ever_waits_for_nothing_even_right_after_the_start(opened: Opened) -> None:
    turn = Limiter(LIMIT, slots=opened()).take(object(), 5.0)
    assert turn == Turn(at=5.0, use=70.0, before=NEVER, slot=0)


def test_a_file_that_is_taken_away_is_made_anew_and_counts_as_used_up(opened: Opened, tmp_path: Path) -> None:
    slots = opened()
    used(slots, 4000.0)
    (tmp_path / "limits" / NAME).unlink()
    assert uses_of(slots, 4001.0) == [4001.0] * 3
    assert uses_of(opened(), 4002.0) == [4001.0] * 3


def linked_file(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder.parent / "precious").write_text("precious")
    (folder.parent / "precious").chmod(0o600)
    (folder / NAME).symlink_to(folder.parent / "precious")


def linked_folder(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def open_folder(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def open_file(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / NAME).touch()
    (folder / NAME).chmod(0o666)


def pipe(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / NAME, 0o600)


def a_folder(folder: Path) -> None:
    (folder / NAME).mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)


def a_file(folder: Path) -> None:
    folder.write_text("x")


@pytest.mark.parametrize("trap", [linked_file, linked_folder, open_folder, open_file, pipe, a_folder, a_file])
def test_a_place_that_cannot_be_trusted_is_left_alone_and_said_once(
    trap: Callable[[Path], None], opened: Opened, tmp_path: Path, notices: Notices
) -> None:
    trap(tmp_path / "limits")
    slots = opened()
    used(slots, 4000.0, 4001.0, 4002.0)
    assert sorted(uses_of(slots)) == [4000.0, 4001.0, 4002.0]
    assert len(notices) == 1
    assert notices[0].startswith("the request limit is counted for this process alone, since its file cannot be used: ")
    assert not (tmp_path / "precious").exists() or (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "elsewhere").exists() or list((tmp_path / "elsewhere").iterdir()) == []


def test_without_a_home_the_limit_holds_for_the_process(opened: Opened, notices: Notices) -> None:
    slots = opened(None)
    used(slots, 4000.0, 4001.0, 4002.0)
    turn = Limiter(LIMIT, slots=slots).take(object(), 4003.0)
    assert isinstance(turn, Turn)
    assert turn.at == pytest.approx(4060.06)
    assert [each.rpartition(": ")[2] for each in notices] == ["there is no home folder"]


def test_while_one_has_the_page_nobody_else_has_it(opened: Opened, tmp_path: Path) -> None:
    slots = opened()
    used(slots, 4000.0)
    with (tmp_path / "limits" / NAME).open("rb") as other:
        with slots.opened(4001.0), pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


# --- several processes ------------------------------------------------------------------------------------------------

CALL = """
import json, random, sys, threading
from pathlib import Path
from reconciler.adapters.api.caller import Caller, EventPause
from reconciler.adapters.api.connection import Connection
from reconciler.adapters.api.limiter import Limiter
from reconciler.adapters.api.shared import SharedSlots
from reconciler.core.budget import Limit
from reconciler.wiring.clock import SystemClock
url, folder, requests, seconds, count = json.loads(sys.argv[1])
limit = Limit(requests=requests, seconds=seconds, patience=5)
slots = SharedSlots(Path(folder), "x", limit=limit, notice=lambda text: sys.exit(text))
caller = Caller(
    Connection(base_url=url, key="k", connect_timeout=5, request_timeout=5),
    limiter=Limiter(limit, slots=slots), clock=SystemClock(), random=random.random, waiting=lambda *_: None,
    deadline=None, pause=EventPause(),
)
threads = [threading.Thread(target=lambda: [caller.call("GET", "/x") for _ in range(count)]) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in moments) for start in moments)


def test_processes_at_once_and_one_after_the_other_keep_to_one_limit(tmp_path: Path) -> None:
    arrived: list[float] = []
    lock = threading.Lock()

    def note(peer: Peer, _: Loopback) -> None:
        while peer.request():
            with lock:
                arrived.append(time.monotonic())
            peer.socket.sendall(response("404 Not Found", b"{}").replace(b"connection: close\r\n", b""))

    with serving(note) as server:
        given = json.dumps([server.url, str(tmp_path / "limits"), 8, 0.4, 3])
        command = [sys.executable, "-W", "error", "-c", CALL, given]
        for count in (2, 1):
            processes = [subprocess.Popen(command) for _ in range(count)]
            assert [process.wait(30) for process in processes] == [0] * count
    assert len(arrived) == 27
    assert most_in_a_window(arrived, 0.4) <= 8


def test_a_process_that_is_killed_gives_its_slot_back_when_its_request_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "limits"

    def kill(peer: Peer, _: Loopback) -> None:
        peer.request()
        process.send_signal(signal.SIGKILL)
        peer.gone.wait(30)

    with serving(kill) as server:
        given = json.dumps([server.url, str(folder), 3, 60, 1])
        before = time.monotonic()
        process = subprocess.Popen([sys.executable, "-c", CALL, given])
        assert process.wait(30) == -signal.SIGKILL
    limit = Limit(requests=3, seconds=60, patience=5)
    slots = SharedSlots(folder, "x", limit=limit, notice=pytest.fail)
    now = time.monotonic()
    out = [use for use in uses_of(slots, now) if use != NEVER]
    assert 1 <= len(out) <= 3
    assert all(before + 5 <= use <= now + 5 for use in out)
    limiter = Limiter(limit, slots=slots)
    taken = [limiter.take(object(), now + 5) for _ in range(3)]
    assert [each.at <= now + 5 for each in taken if isinstance(each, Turn)] == [True] * (3 - len(out)) + [False] * len(
        out
    )
    assert all(each.at <= now + 5 + 60.06 for each in taken if isinstance(each, Turn))


def test_a_process_that_stands_still_with_the_file_is_not_waited_for_without_end(
    opened: Opened, notices: Notices, tmp_path: Path
) -> None:
    used(opened(), 4000.0)
    with (tmp_path / "limits" / NAME).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        uses_of(opened())
    assert len(notices) == 1
    assert "does not go on" in notices[0]
