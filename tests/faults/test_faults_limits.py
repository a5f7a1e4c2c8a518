"""429 and each thing that a server says with it: rows N11 to N14 of the fault matrix.

Where one is to wait longer than the run may take, the run ends at once instead; the tests rely on that to be quick.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from tests.faults import fault_kinds as kinds
from tests.faults.fault_bench import TIMEOUTS, Bench
from tests.faults.fault_kinds import error, page, says
from tests.faults.fault_proxy import Exchange, FaultProxy
from tests.scenarios.workbench import ROOT, SCHEMA, Repository, remote

# What is obeyed at once: it asks for no wait at all, or for one that is over.
SHORT = {
    "0": "0",
    "0 with spaces": " 0 ",
    "a date that is over": "Wed, 21 Oct 2015 07:28:00 GMT",
    "a date of RFC 850 that is over": "Wednesday, 21-Oct-15 07:28:00 GMT",
    "a date of asctime that is over": "Wed Oct 21 07:28:00 2015",
}
# What is obeyed, and is longer than the run may take.
LONG = {
    "a minute and more": "100",
    "a day": "100000",
    "1e9 written out": "1000000000",
    "more than a number holds": "9" * 400,
    "a date far ahead": "Fri, 31 Dec 9999 23:59:59 GMT",
}
# What says nothing: a wait of our own, as without any header.
RUBBISH = {
    "nothing": None,
    "empty": "",
    "words": "soon",
    "negative": "-5",
    "scientific": "1e9",
    "a fraction": "0.5",
    "a digit that is none": "\xb2",
    "no date": "Wed, 99 Foo 2015 99:99:99 GMT",
    "not a number": "nan",
    "infinite": "inf",
}


def limited(after: str | None, *, html: bool = False) -> kinds.Fault:
    given = {"date": formatdate(usegmt=True)} | ({} if after is None else {"retry_after": after})
    return page(429, **given) if html else error(429, "slow down", **given)


@pytest.fixture
def one(bench: Bench) -> Bench:
    bench.recorded("welcome")
    return bench


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_what_may_go_on_at_once_goes_on(bench, method):
    names = bench.each(method, {name: limited(after) for name, after in SHORT.items()})
    ended = bench.apply()
    assert (ended.code, ended.by(names)) == (0, dict.fromkeys(names, "applied")), ended.said
    assert [ended.done(name) for name in names.values()] == [["update"]] * len(names)
    bench.settles()


@pytest.mark.parametrize("html", [False, True])
def test_a_create_that_was_held_back_is_sent_again_and_made_once(bench, html):
    bench.write("welcome")
    bench.proxy.on("POST", limited("0", html=html), nth=(1, 2))
    ended = bench.apply()
    # Design, section 10, rule 4: a 429 may be tried again, whoever said it.
    assert (ended.code, ended.statuses, ended.done("welcome")) == (0, {"welcome": "applied"}, ["create"]), ended
    assert len(bench.proxy.requests("POST")) == 3
    bench.settles(creates=1)


@pytest.mark.parametrize(
    ("method", "name"),
    [*(("PATCH", name) for name in LONG), ("GET", "a day"), ("POST", "a minute and more")],
)
def test_a_wait_that_is_too_long_ends_the_run(one, method, name):
    if method == "POST":
        one.write("welcome")
        one.settles()
        one.write("another")
    one.proxy.on(method, limited(LONG[name]), nth=None)
    ended = one.apply()
    assert (ended.code, set(ended.statuses.values()) <= {"not_sent"}) == (10, True), ended
    assert len(one.proxy.requests(method)) == 1
    assert "429" in ended.said or "limit" in ended.said or "wait" in ended.said
    assert "pending" not in one.state()
    one.settles()


def test_nobody_waits_as_long_as_a_server_likes(one):
    """However long the run may take: where this is broken, the test takes two minutes."""
    one.configure(timeouts=TIMEOUTS.replace("run = 30", "run = 3600"))
    one.proxy.on("PATCH", limited("121"), nth=(1,))
    ended = one.apply()
    assert (ended.code, ended.statuses) == (10, {"welcome": "not_sent"}), ended
    one.settles()


def test_a_date_is_read_by_the_servers_own_clock(one):
    """Both dates are far ahead of this machine's clock, and a moment apart from each other."""
    ahead = time.time() + 10**6
    one.proxy.on(
        "PATCH",
        error(429, "slow down", date=formatdate(ahead, usegmt=True), retry_after=formatdate(ahead, usegmt=True)),
    )
    ended = one.apply()
    assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended


def test_rubbish_is_neither_obeyed_nor_a_bug(bench):
    """With a window of the limit that is short: a server that says nothing may mean the whole of it."""
    names = bench.each("PATCH", {name: limited(after) for name, after in RUBBISH.items()})
    bench.configure(rate="requests = 1000, seconds = 1")
    ended = bench.apply()
    assert (ended.code, ended.by(names)) == (0, dict.fromkeys(names, "applied")), ended.said
    assert [ended.done(name) for name in names.values()] == [["update"]] * len(names)
    bench.configure()
    bench.settles()


def test_one_that_is_held_back_holds_all_back(bench):
    """Eight at once must not each find out for themselves that the limit is used up."""
    names = [f"s{number}" for number in range(16)]
    bench.recorded(*names)
    bench.proxy.on("PATCH", limited("100"), nth=None)
    ended = bench.apply()
    assert (ended.code, set(ended.statuses.values())) == (10, {"not_sent"}), ended
    assert len(bench.proxy.requests("PATCH")) <= 8
    bench.settles()


def test_a_429_that_is_told_by_way_of_an_empty_body_counts_too(one):
    one.proxy.on("PATCH", says(429, b"", kind=None, retry_after="0"))
    assert one.apply().code == 0


LIMIT = 6


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Repository, FaultProxy]]:
    """A served sandbox that lets so many requests through in a minute, and means it."""
    root = tmp_path / "strict"
    root.mkdir()
    serve = ["sandbox", "serve", "--port", "0", "--limit", str(LIMIT)]
    with subprocess.Popen(
        [sys.executable, "-m", "reconciler", "-C", str(root), *serve],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        proxy = FaultProxy(process.stdout.readline().strip())
        monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
        with Simulator(root / ".reconciler" / "sandbox.sqlite3", schema=SCHEMA) as simulator:
            yield remote(tmp_path / "a repository", proxy.url, simulator), proxy
        proxy.close()
        process.terminate()


def test_the_sandboxs_own_limit_ends_a_run_that_cannot_wait_for_it(strict):
    repository, proxy = strict
    bench = Bench(repository=repository, proxy=proxy)
    bench.configure()
    for name in ("a", "b", "c"):
        bench.write(name)
    ended = bench.apply()
    assert ended.code in (8, 10), ended
    assert set(ended.statuses.values()) <= {"applied", "unverified", "not_sent"}, ended
    let_through = [each for each in ended.ledger if each.status != 429]
    assert len(let_through) == LIMIT
    # Nobody asks on and on: one each that was under way.
    assert len(ended.ledger) - LIMIT <= 3
    refused: list[Exchange] = [each for each in proxy.seen if each.forwarded and each.forwarded.status == 429]
    assert all(each.forwarded and "retry-after" in each.forwarded.headers for each in refused)
