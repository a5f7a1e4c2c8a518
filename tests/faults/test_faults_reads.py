"""A GET that fails, before anything was written: rows N1, N2, N4, N15, N18 to N22, N25 to N27, N32 and N33.

Nothing is ever decided from an answer that proves nothing: unreadable is not gone, and not unchanged.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults import fault_kinds as kinds
from tests.faults.fault_bench import EMAIL, KEY, PHONE, TIMEOUTS, Bench
from tests.faults.fault_kinds import and_down, applied, before, bystander, error, full_backlog, page, says
from tests.faults.fault_proxy import forwarded
from tests.faults.test_faults_updates import BROKEN, ENDLESS, HARMLESS, NO_ANSWER
from tests.scenarios.workbench import ROOT, after_sequence, reaching

PASSING = {
    **NO_ANSWER,
    **BROKEN,
    "500 of the API": error(500),
    "503 of the API": error(503),
    "502 of somebody": page(502),
    "an empty 503": says(503, b"", kind=None),
    "an empty 200": says(200, b"", kind=None),
}
# What is told for good.
LASTING = {
    "reset": kinds.reset,
    "500 of the API": error(500),
    "503 of somebody": page(503),
    "a sign-in page with 200": page(200),
    "404 of somebody": page(404),
    "an empty 404": says(404, b"", kind=None),
    "no JSON": BROKEN["no JSON"],
    "200 MB": BROKEN["200 MB"],
}
# The API's own JSON, so that it would be no better a second time.
FALSE = ("another id", "an id that is none", "another shape", "null")


@pytest.fixture
def one(bench: Bench) -> Bench:
    bench.recorded("welcome")
    return bench


def nothing_was_written(bench: Bench) -> None:
    assert bench.proxy.requests("PATCH") + bench.proxy.requests("POST") == []


# One that takes long goes into each part, since a run tries again only so often.
PARTS = 5
ONCE = [*(name for name in PASSING if name in ENDLESS), *(name for name in PASSING if name not in (*ENDLESS, *FALSE))]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_read_that_fails_once_is_tried_again(bench, part):
    names = bench.each("GET", {name: PASSING[name] for name in ONCE[part::PARTS]})
    ended = bench.apply()
    assert ended.by(names) == dict.fromkeys(names, "applied"), ended.said
    assert ended.code == 0
    for fault, name in names.items():
        assert fault not in ENDLESS or bench.requests("GET", name)[0].given_up(), fault
    bench.settles()


def test_a_read_that_fails_for_good_refuses_the_plan(bench):
    names = bench.each("GET", LASTING, nth=None)
    before = bench.repository.state_file.read_bytes()
    ended = bench.apply()
    assert ended.code == 10, ended
    refused = {each["custom_id"]: each["rule"] for each in ended.document["violations"]}
    assert {fault: refused.get(name) for fault, name in names.items()} == dict.fromkeys(names, "unreadable")
    assert {name: len(bench.requests("GET", name)) <= 4 for name in names.values()} == dict.fromkeys(
        names.values(), True
    )
    nothing_was_written(bench)
    assert bench.repository.state_file.read_bytes() == before
    bench.settles()


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_ends_it_at_once(one, status):
    one.proxy.on("GET", error(status), nth=None)
    ended = one.apply()
    assert ended.code == 4, ended
    assert str(status) in ended.said
    assert len(one.proxy.requests("GET")) == 1
    nothing_was_written(one)
    one.settles()


@pytest.mark.parametrize(("fault", "code"), [(page(200), 10), (error(401), 4)])
def test_plan_reads_as_apply_does(one, fault, code):
    one.proxy.on("GET", fault, nth=None)
    found, document = one.plan("--refresh", "all")
    assert found == code, document
    nothing_was_written(one)


@pytest.mark.parametrize("name", FALSE)
def test_an_answer_that_is_about_nothing_we_asked_for_is_not_believed(one, name):
    one.proxy.on("GET", BROKEN[name], nth=None)
    ended = one.apply()
    assert ended.code in (7, 10), ended
    nothing_was_written(one)
    one.settles()


@pytest.mark.parametrize("name", HARMLESS)
def test_an_answer_in_an_old_or_wordy_way_is_an_answer(one, name):
    one.proxy.on("GET", HARMLESS[name], nth=None)
    ended = one.apply()
    assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended
    one.settles()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_read_is_not_followed(one, status):
    with bystander() as (elsewhere, visits):
        one.proxy.on("GET", says(status, b"", kind=None, location=f"{elsewhere}/?key={KEY}"), nth=None)
        ended = one.apply()
        assert ended.code == 4, ended
        assert "redirect" in ended.said
        assert elsewhere.removeprefix("http://").partition(":")[0] in ended.said  # which host, and no more
        assert len(one.proxy.requests("GET")) == 1
        nothing_was_written(one)
        one.settles()
        assert visits == []


def test_a_sequence_that_is_gone_is_not_made_again(one):
    one.proxy.on("GET", error(404), nth=None)
    ended = one.apply()
    assert ended.code == 7, ended
    assert "gone" in ended.said
    nothing_was_written(one)
    one.settles()


def test_a_sequence_that_goes_right_before_the_write_is_not_made_again(one):
    # After the plan's look, and before the last one.
    one.proxy.on("GET", before(forwarded, lambda: one.repository.simulator.delete("welcome")), nth=(2,))
    ended = one.apply()
    assert (ended.code, ended.statuses) == (7, {"welcome": "not_sent"}), ended
    nothing_was_written(one)
    assert len(one.created()) == 1


@pytest.mark.parametrize("fault", [page(200), BROKEN["cut off"]])
def test_what_cannot_be_read_right_before_the_write_is_not_written(one, fault):
    one.proxy.on("GET", fault, nth=range(2, 100))
    ended = one.apply()
    assert (ended.code, ended.statuses) == (10, {"welcome": "not_sent"}), ended
    nothing_was_written(one)
    one.settles()


@pytest.mark.parametrize("fault", [page(200), error(401)])
def test_a_write_that_cannot_be_read_back_is_unverified(one, fault):
    one.proxy.on("GET", fault, nth=None, after="PATCH")
    ended = one.apply()
    assert (ended.code, ended.statuses, ended.done("welcome")) == (8, {"welcome": "unverified"}, ["update"]), ended
    one.settles()


def test_what_a_server_quotes_back_is_not_passed_on(one):
    one.proxy.on("GET", error(401, f"{KEY} may not see {EMAIL} or {PHONE}"), nth=None)
    assert one.apply().code == 4
    assert one.run("plan").code == 4
    assert one.run("--debug", "-v", "plan").code == 4


@pytest.mark.parametrize("status", [202, 300, 418])
def test_nor_is_what_it_quotes_back_where_it_refuses_nothing(one, status):
    one.proxy.on("GET", error(status, f"{KEY} may not see {EMAIL} or {PHONE}"), nth=None)
    assert one.apply().code != 0
    nothing_was_written(one)


@pytest.mark.parametrize("secret", [KEY, EMAIL, PHONE])
def test_nor_is_what_it_names_in_the_place_of_an_id(one, secret):
    def named(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "id": secret, "org_id": secret}).encode()

    one.proxy.on("GET", kinds.reworded(named), nth=None)
    assert one.apply().code != 0
    nothing_was_written(one)


# Nothing gets through.


# A run that has not the time for every try.
HASTY = TIMEOUTS.replace("run = 30", "run = 3")


def test_where_nobody_listens_nothing_was_sent(one):
    one.configure(timeouts=HASTY)
    one.proxy.down()
    ended = one.apply()
    assert ended.code == 10, ended
    assert "refused" in ended.said
    one.proxy.up()
    one.settles()


def test_a_port_that_opens_again_is_found(one):
    one.proxy.down()
    opening = threading.Timer(0.02, one.proxy.up)
    opening.start()
    ended = one.apply()
    opening.join()
    assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended
    one.settles()


def test_a_port_that_closes_right_before_the_write_leaves_nothing_unknown(one):
    one.write("welcome")
    one.settles()
    one.write("another")
    one.configure(timeouts=HASTY)
    # The plan's read, then the last look.
    one.proxy.on("GET", and_down, nth=(2,))
    ended = one.apply()
    assert (ended.code, set(ended.statuses.values()) <= {"not_sent"}) == (10, True), ended
    assert "pending" not in one.state()
    one.proxy.up()
    one.settles()


def test_a_port_that_closes_in_the_middle_leaves_the_rest_for_later(bench):
    bench.write("first")
    bench.write("second", filter=reaching(after_sequence("first")))
    bench.configure(timeouts=HASTY)
    bench.proxy.on("GET", and_down, after="POST")
    ended = bench.apply()
    assert (ended.code, ended.statuses) == (8, {"first": "applied", "second": "not_sent"}), ended
    bench.proxy.up()
    bench.settles(creates=2)


def test_a_host_that_takes_no_connection_in_time_is_told(one):
    with full_backlog() as url:
        one.configure(api=url, timeouts=HASTY.replace("0.5", "0.1"))
        ended = one.apply()
        assert ended.code == 10, ended
        assert "timed out connecting" in ended.said
    one.configure()
    one.settles()


def test_a_host_that_has_no_address_is_told(one, monkeypatch):
    monkeypatch.setenv("OPENCX_API_URL", "https://nowhere.invalid")
    one.configure(api="https://nowhere.invalid")
    ended = one.apply()
    assert ended.code == 10, ended
    assert "resolve nowhere.invalid" in ended.said
    assert "nothing was sent" in ended.said


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
def test_what_stays_on_this_machine_goes_through_no_proxy(one, monkeypatch, name):
    with bystander() as (elsewhere, visits):
        monkeypatch.setenv(name, elsewhere)
        one.settles()
        assert visits == []


# How much of an answer is kept.

MEASURED = """
import sys
from reconciler.cli.main import run
code = run(sys.argv[2:])
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM"))
with open(sys.argv[1], "w") as told:
    told.write(peak.split()[1])
sys.exit(code)
"""


def peak_of(bench: Bench, tmp_path: Path) -> tuple[int, float]:
    """Run an apply in a process of its own; return its exit code and the most memory it ever held, in MB."""
    told = tmp_path / "peak"
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, str(told), *bench.repository.prefix, "apply", "--yes", "--format", "json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    return ended.returncode, int(told.read_text()) / 1024


@pytest.mark.parametrize("name", ["200 MB", "a bomb"])
def test_an_endless_answer_takes_no_memory(one, tmp_path, name):
    code, usual = peak_of(one, tmp_path)
    assert code == 0
    one.write("welcome", name="Once more")
    one.proxy.on("GET", BROKEN[name])
    one.proxy.on("PATCH", applied(BROKEN[name]))
    code, peak = peak_of(one, tmp_path)
    assert code == 0
    assert peak < usual + 40
    one.settles()
