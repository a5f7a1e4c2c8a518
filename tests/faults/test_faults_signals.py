"""Signals while a request hangs: row P8 of the fault matrix, as processes, under bash with and without exec."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults import fault_kinds as kinds
from tests.faults.fault_bench import TIMEOUTS, Bench, Ended, keeps_secrets
from tests.faults.fault_proxy import Exchange, forwarded
from tests.scenarios.workbench import ROOT, Result, after_sequence, reaching

BOTH = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
# Nobody gives up on an answer before the signal comes.
PATIENT = TIMEOUTS.replace("request = 1,", "request = 60,")


class Hung:
    """A fault that holds what meets it until it is let go, and tells that it has been met."""

    def __init__(self, *, done: bool) -> None:
        self.met = threading.Event()
        self.release = threading.Event()
        self._done = done

    def __call__(self, exchange: Exchange) -> None:
        if self._done:
            exchange.forward()
        self.met.set()
        while not (self.release.wait(0.01) or exchange.proxy.closing.is_set()):
            pass
        (forwarded if self.release.is_set() else kinds.hang)(exchange)


@pytest.fixture
def chain(bench: Bench) -> Bench:
    """`known` is to be updated, and only then `second` is to be created."""
    bench.recorded("known")
    bench.write("second", filter=reaching(after_sequence("known")))
    bench.configure(timeouts=PATIENT)
    return bench


@contextmanager
def running(bench: Bench, shell: str | None = None, **options: object) -> "Iterator[subprocess.Popen[str]]":
    """Start an apply, by itself or from a line of bash in which COMMAND stands for it."""
    command = [sys.executable, "-m", "reconciler", *bench.repository.prefix, "apply", "--yes", "--format", "json"]
    process = subprocess.Popen(
        command if shell is None else ["bash", "-c", shell.replace("COMMAND", shlex.join(command))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
        **options,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def ended(bench: Bench, process: "subprocess.Popen[str]", before: int) -> Ended:
    out, err = process.communicate(timeout=60)
    keeps_secrets(bench.repository, Result(process.returncode, out, err))
    assert err == ""
    told = Ended(
        code=process.returncode, document=json.loads(out), ledger=bench.repository.simulator.ledger(after=before)
    )
    bench.is_true(told)
    return told


def last_entry(bench: Bench) -> int:
    return len(bench.repository.simulator.ledger())


@pytest.mark.parametrize(("number", "code"), BOTH)
@pytest.mark.parametrize("shell", ["exec COMMAND"])
def test_what_is_in_flight_is_finished_and_nothing_more_is_begun(chain, number, code, shell):
    hung = Hung(done=True)
    chain.proxy.on("PATCH", hung)
    before = last_entry(chain)
    with running(chain, shell) as process:
        assert hung.met.wait(30)
        process.send_signal(number)
        hung.release.set()
        told = ended(chain, process, before)
    assert (told.code, told.statuses["known"]) == (code, "applied"), told
    assert told.statuses["second"] in ("not_sent", "skipped")
    assert (told.document["error"]["kind"], told.document["error"]["exit_code"]) == ("stopped", code)
    assert "pending" not in chain.state()
    chain.settles(creates=2)


@pytest.mark.parametrize(
    ("number", "method", "done"),
    [
        (signal.SIGINT, "PATCH", True),
        (signal.SIGTERM, "PATCH", False),
        (signal.SIGTERM, "POST", True),
        (signal.SIGINT, "POST", False),
    ],
)
def test_a_second_signal_ends_at_once_and_tells_what_nobody_knows(chain, number, method, done):
    if method == "POST":
        chain.write("known")
    hung = Hung(done=done)
    chain.proxy.on(method, hung)
    before = last_entry(chain)
    with running(chain) as process:
        assert hung.met.wait(30)
        process.send_signal(number)
        # The first one is being heeded once nothing new is begun; a second before that is one and the same.
        _again_until_it_ends(process, number)
        told = ended(chain, process, before)
    assert (told.code, sorted(told.statuses.values())[-1]) == (9, "unknown"), told
    assert told.document["error"]["message"] in ("stopped by Ctrl-C", "stopped by SIGTERM")
    name = "known" if method == "PATCH" else "second"
    assert name in chain.state()["pending"]
    chain.configure()
    if method == "PATCH" or done:
        chain.settles(creates=2)
    else:
        assert chain.apply().code == 9
        assert len(chain.created()) == 1


def _again_until_it_ends(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    for _ in range(100):
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        else:
            return


def test_a_signal_that_nobody_answers_ends_after_the_grace(chain):
    hung = Hung(done=True)
    chain.proxy.on("PATCH", hung)
    before = last_entry(chain)
    with running(chain) as process:
        assert hung.met.wait(30)
        process.send_signal(signal.SIGTERM)
        told = ended(chain, process, before)
    assert (told.code, told.statuses["known"]) == (9, "unknown"), told
    chain.configure()
    chain.settles(creates=2)


def test_a_signal_while_a_refused_request_waits_for_its_turn_ends_at_once(chain):
    met = threading.Event()

    def limited(exchange: Exchange) -> None:
        kinds.error(429, "slow down", retry_after="20")(exchange)
        met.set()

    chain.proxy.on("PATCH", limited, nth=None)
    before = last_entry(chain)
    with running(chain) as process:
        assert met.wait(30)
        process.send_signal(signal.SIGINT)
        told = ended(chain, process, before)
    assert (told.code, told.statuses) == (130, {"known": "not_sent", "second": "not_sent"}), told
    assert len(chain.proxy.requests("PATCH")) == 1
    chain.settles(creates=2)


@pytest.mark.parametrize(("number", "code"), BOTH[:1])
def test_under_bash_a_signal_to_the_whole_group_does_the_same(chain, number, code):
    """Ctrl-C on a terminal: bash hears it too, and here it waits for what it started."""
    hung = Hung(done=True)
    chain.proxy.on("PATCH", hung)
    before = last_entry(chain)
    with running(chain, "trap : INT TERM; COMMAND; exit $?") as process:
        assert hung.met.wait(30)
        os.killpg(process.pid, number)
        hung.release.set()
        told = ended(chain, process, before)
    assert (told.code, told.statuses["known"]) == (code, "applied"), told
    chain.settles(creates=2)


def test_under_bash_without_exec_a_signal_to_bash_alone_does_not_reach_it_and_it_goes_on(chain):
    """What CI does to a step that does not begin with exec: bash is gone, and the run behind it ends as if alone."""
    hung = Hung(done=True)
    chain.proxy.on("PATCH", hung)
    before = last_entry(chain)
    with running(chain, "COMMAND; exit $?") as process:
        assert hung.met.wait(30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
        hung.release.set()
        out, err = process.communicate(timeout=60)  # which ends once the run has closed its end
    told = Ended(code=0, document=json.loads(out), ledger=chain.repository.simulator.ledger(after=before))
    chain.is_true(told)
    assert (told.statuses, err) == ({"known": "applied", "second": "applied"}, "")
    chain.settles(creates=2)


def test_kill_9_while_a_request_hangs_is_healed_by_the_next_run(chain):
    hung = Hung(done=True)
    chain.proxy.on("PATCH", hung)
    with running(chain) as process:
        assert hung.met.wait(30)
        process.kill()
        process.communicate(timeout=60)
    chain.configure()
    chain.settles(creates=2)


def test_kill_9_while_a_create_hangs_is_looked_up_by_the_next_run(chain):
    chain.write("known")
    hung = Hung(done=True)
    chain.proxy.on("POST", hung)
    with running(chain) as process:
        assert hung.met.wait(30)
        process.kill()
        process.communicate(timeout=60)
    chain.configure()
    chain.settles(creates=2)


def test_kill_9_while_a_create_hangs_that_never_happens_is_never_sent_again(chain):
    chain.write("known")
    hung = Hung(done=False)
    chain.proxy.on("POST", hung)
    with running(chain) as process:
        assert hung.met.wait(30)
        process.kill()
        process.communicate(timeout=60)
    chain.configure()
    chain.proxy.forget()
    told = chain.apply()
    assert (told.code, chain.proxy.requests("POST")) == (9, []), told
    assert re.search("state resolve second", told.said)
