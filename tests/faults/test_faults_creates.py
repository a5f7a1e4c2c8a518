"""A POST and everything that can become of it: rows N9, N10, N18 to N27 and N32 of the fault matrix.

It is never sent twice. What nobody answered is unknown until a look-up that is known to work finds it, or a person
says what became of it.
"""

import json

import pytest

from tests.faults import fault_kinds as kinds
from tests.faults.fault_bench import EMAIL, KEY, PHONE, TIMEOUTS, Bench
from tests.faults.fault_kinds import applied, bystander, error, page, says
from tests.faults.test_faults_updates import BROKEN, ENDLESS, HARMLESS, NO_ANSWER, NO_PROOF, OTHER_ID
from tests.scenarios.workbench import after_sequence, reaching

SILENT = {**NO_ANSWER, **NO_PROOF}
# The status was seen, and the id was not.
NAMELESS = {
    name: BROKEN[name]
    for name in (
        "cut off", "chunks that are none", "a body byte by byte", "zipped", "a bomb", "200 MB", "called plain text",
        "no JSON", "half of it", "another shape", "null", "an id that is none", "NaN", "an endless number", "deep",
        "no UTF-8", "nothing",
    )
} | {
    "an empty object": kinds.reworded(lambda _: b"{}"),
    "an id of another type": kinds.reworded(lambda _: b'{"id": 5}'),
    "an id of null": kinds.reworded(lambda _: b'{"id": null}'),
    "the id elsewhere": kinds.reworded(lambda body: b'{"data": ' + body + b"}"),
}  # fmt: skip
UNSEEN = {
    "a head byte by byte": kinds.dripped(),
    "1xx for ever": kinds.flood,
    "a page in its place": applied(page(201)),
}


@pytest.fixture
def new(bench: Bench) -> Bench:
    """`known` is recorded, so that a look-up can be shown to work; `welcome` is to be created."""
    bench.recorded("known")
    bench.write("known")
    bench.settles()
    bench.proxy.forget()
    bench.write("welcome")
    return bench


def is_unknown(bench: Bench, *, done: bool) -> None:
    """Apply, and see that it ends as unknown, with one POST, whatever is tried afterwards."""
    ended = bench.apply()
    assert (ended.code, ended.statuses) == (9, {"welcome": "unknown"}), ended
    assert ended.done("welcome") == (["create"] if done else [])
    # Where to look, for what, and what to type next.
    assert all(word in ended.said for word in ("`welcome`", "dashboard", "state resolve welcome")), ended.said
    (post,) = bench.proxy.requests("POST")
    assert post.nth == 1  # on a connection of its own
    assert "id" not in bench.state()["pending"]["welcome"]
    bench.proxy.rules.clear()
    again = bench.apply()
    assert (again.code, again.done("welcome")) == (9, []), again
    assert bench.plan("--refresh", "all")[0] == 9
    assert len(bench.proxy.requests("POST")) == 1


@pytest.mark.parametrize(
    "name", ["reset while the body is on its way", "no answer in time", "503 of somebody", "a sign-in page with 200"]
)
def test_without_a_sign_of_it_a_create_stays_unknown(new, name):
    new.proxy.on("POST", SILENT[name])
    is_unknown(new, done=False)


@pytest.mark.parametrize("name", ["reset", "no answer in time", "a page in its place"])
def test_where_nobody_can_look_it_up_a_create_that_was_done_stays_unknown_too(new, name):
    new.switch("lookup=off")
    new.proxy.on("POST", UNSEEN.get(name) or applied(SILENT[name]))
    is_unknown(new, done=True)


def test_a_look_up_that_finds_it_proves_that_it_was_created(bench):
    bench.recorded("known")
    done = {name: applied(fault) for name, fault in SILENT.items() if fault is not kinds.reset_unread}
    names = bench.each("POST", done | UNSEEN | NAMELESS | HARMLESS)
    ended = bench.apply()
    assert ended.by(names) == dict.fromkeys(names, "applied"), ended.said
    assert ended.code == 0
    for fault, name in names.items():
        assert (fault, ended.done(name), len(bench.requests("POST", name))) == (fault, ["create"], 1)
        (post,) = bench.requests("POST", name)
        assert post.nth == 1, fault  # on a connection of its own
        assert fault not in ENDLESS or post.given_up(), fault
    bench.settles(creates=len(names) + 1)


@pytest.mark.parametrize("name", ["cut off", "no JSON", "nothing"])
def test_a_create_that_was_confirmed_without_an_id_is_said_to_be_created(new, name):
    new.switch("lookup=off")
    new.proxy.on("POST", NAMELESS[name])
    ended = new.apply()
    assert (ended.code, ended.statuses, ended.done("welcome")) == (9, {"welcome": "unknown"}, ["create"]), ended
    assert "created" in ended.said
    assert "may or may not" not in ended.said
    again = new.apply()
    assert (again.code, len(new.proxy.requests("POST"))) == (9, 1), again


def test_an_id_of_nobody_is_not_recorded_where_a_look_up_shows_the_true_one(new):
    new.configure(timeouts=TIMEOUTS.replace("run = 30", "run = 2"))
    new.proxy.on("POST", kinds.reworded(lambda _: json.dumps({"id": OTHER_ID}).encode()))
    assert new.apply().code in (0, 8, 9)
    new.apply()
    assert (len(new.created()), len(new.proxy.requests("POST"))) == (2, 1)


@pytest.mark.parametrize("lookup", ["on", "off"])
def test_the_id_of_another_sequence_of_ours_is_not_believed(new, lookup):
    new.switch(f"lookup={lookup}")
    known = new.state()["records"]["known"]["id"]
    new.proxy.on("POST", kinds.reworded(lambda _: json.dumps({"id": known}).encode()))
    ended = new.apply()
    assert ended.code in ((0, 9) if lookup == "on" else (9,)), ended
    assert new.state()["records"]["known"]["id"] == known
    for _ in range(2):
        new.apply()
    assert (len(new.created()), len(new.proxy.requests("POST"))) == (2, 1)
    assert new.repository.simulator.find("known")["name"] == "Known"


def test_a_create_that_was_only_claimed_is_unverified(new):
    new.configure(timeouts=TIMEOUTS.replace("run = 30", "run = 2"))
    new.proxy.on("POST", says(201, {"id": OTHER_ID}))
    ended = new.apply()
    assert (ended.code in (8, 9), ended.done("welcome")) == (True, []), ended
    assert ended.statuses["welcome"] in ("unverified", "unknown")
    assert new.apply().code != 0
    assert len(new.proxy.requests("POST")) == 1


REFUSED = {
    "400": (error(400), 8, {"rejected"}),
    "422": (error(422), 8, {"rejected"}),
    "409": (error(409), 7, {"rejected", "not_sent"}),
    "401": (error(401), 4, {"not_sent"}),
    "403": (error(403), 4, {"not_sent"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_create_that_the_api_refuses_is_made_another_time(new, name):
    fault, code, statuses = REFUSED[name]
    new.proxy.on("POST", fault, nth=None)
    ended = new.apply()
    assert (ended.code, ended.statuses["welcome"] in statuses, ended.done("welcome")) == (code, True, []), ended
    assert len(new.proxy.requests("POST")) == 1
    new.settles(creates=2)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_create_is_not_followed(new, status):
    """The table says refused (4), a create that nobody answered for is unknown (9): the host elsewhere sees nothing."""
    with bystander() as (elsewhere, visits):
        new.proxy.on("POST", says(status, b"", kind=None, location=f"{elsewhere}/?key={KEY}&for={EMAIL}"), nth=None)
        ended = new.apply()
        assert (ended.code in (4, 9), ended.done("welcome")) == (True, []), ended
        assert "redirect" in ended.said
        assert len(new.proxy.requests("POST")) == 1
        assert visits == []


@pytest.mark.parametrize("status", [400, 500])
def test_what_a_server_quotes_back_of_a_create_is_not_passed_on(new, status):
    """The bench looks for the key, the address and the number in all that is told."""
    new.proxy.on("POST", error(status, f"{KEY} may not write to {EMAIL} or {PHONE}"), nth=None)
    assert new.apply().code != 0


def test_after_an_unknown_create_nothing_more_is_begun(new):
    new.write("after", filter=reaching(after_sequence("welcome")))
    new.write("known", name="Known edited", filter=reaching(after_sequence("after")))
    new.proxy.on("POST", applied(kinds.reset))
    new.switch("lookup=off")
    ended = new.apply()
    assert ended.code == 9, ended
    assert ended.statuses.pop("welcome") == "unknown"
    assert set(ended.statuses.values()) <= {"unknown", "not_sent", "skipped"}
    assert [each.method for each in new.proxy.seen if each.method != "GET"] == ["POST"]


@pytest.mark.parametrize("done", [True, False])
def test_a_person_says_what_became_of_it(new, done):
    new.switch("lookup=off")
    new.proxy.on("POST", applied(kinds.reset) if done else kinds.reset)
    assert new.apply().code == 9
    found = new.repository.simulator.find("welcome")
    assert (found is not None) is done
    decided = new.run("state", "resolve", "welcome", *(["--id", found["id"]] if done else ["--not-created"]))
    assert decided.code == 0, decided
    new.settles(creates=2)


def test_a_person_who_is_wrong_about_the_id_is_told(new):
    new.switch("lookup=off")
    new.proxy.on("POST", applied(kinds.reset))
    assert new.apply().code == 9
    known = new.state()["records"]["known"]["id"]
    for wrong in (known, OTHER_ID, "../../x"):
        decided = new.run("state", "resolve", "welcome", "--id", wrong)
        assert decided.code in (7, 64), decided
    assert "welcome" in new.state()["pending"]
