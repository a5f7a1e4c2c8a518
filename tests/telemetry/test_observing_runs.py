"""What a collector is sent of real commands: each request that the sandbox saw, once and in its place; no secret."""

import os
import signal
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from reconciler.model.metrics import ENVIRONMENT, METRICS
from reconciler.sandbox.keys import FULL_KEY
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm
from tests.scenarios.workbench import Door, Repository, email, sms
from tests.telemetry.collector import Collector

SLOW_DOWN = (429, "application/json", b'{"error": "slow down"}')
CLIENT = 3  # the kind of a span that calls somebody


def answered(collector: Collector) -> Counter[tuple[str, int]]:
    """How often each method was answered with each status, by the spans."""
    return Counter(
        (each.attributes["http.request.method"], each.attributes["http.response.status_code"])
        for each in collector.calls()
    )


def test_each_request_of_an_apply_with_429s_is_told_once_and_in_its_place(
    behind: Repository, door: Door, collector: Collector
) -> None:
    behind.write("one")
    behind.write("two")
    limited: list[tuple[str, str]] = []

    def before(method: str, path: str, nth: int) -> tuple[int, str, bytes] | None:
        if nth == 1 and (method, path) in (("POST", "/sequences"), ("GET", "/sequences/one")):
            limited.append((method, path))
            return SLOW_DOWN
        return None

    door.before = before
    result, ledger = behind.requests("apply", "--yes")
    assert result.code == 0, result

    seen = Counter((entry.method, entry.status) for entry in ledger)
    assert answered(collector) == seen + Counter((method, 429) for method, _ in limited)
    assert len(limited) == 2
    routes = collector.sums("reconciler.requests", "http.request.method", "url.template", "reconciler.status_class")
    assert routes == {
        ("GET", "/sequences/{id}", "2xx"): seen["GET", 200],
        ("GET", "/sequences/{id}", "4xx"): seen["GET", 404] + 1,
        ("POST", "/sequences", "2xx"): 2,
        ("POST", "/sequences", "4xx"): 1,
    }
    durations = collector.last("reconciler.request.duration").values()
    assert sum(each.count for each in durations) == len(ledger) + len(limited)
    assert collector.sums("reconciler.requests.limited") == {(): 2}
    assert collector.sums("reconciler.retries", "reconciler.wait.reason") == {("429",): 2}
    waits = collector.sums("reconciler.wait.duration", "reconciler.wait.reason")
    assert waits["429",] > 0
    assert collector.sums("reconciler.outcomes", "reconciler.action", "reconciler.status") == {("create", "applied"): 2}
    (converged,) = collector.last("reconciler.convergence.duration").values()
    assert (converged.count, converged.attributes["reconciler.complete"]) == (1, True)

    run = ["reconciler apply", "organisation"]
    ways = Counter(tuple(collector.way(each)) for each in collector.calls())
    assert {way[:-1] for way in ways} == {(*run, "plan"), (*run, "apply", "change create")}
    writes = [each for each in collector.calls() if each.attributes["http.request.method"] == "POST"]
    assert {collector.way(each)[-2] for each in writes} == {"change create"}
    assert len({each.parent for each in writes}) == 2, "each change has its own requests"
    assert len({each.trace for each in collector.spans}) == 1


def test_a_request_is_described_in_the_words_of_the_semantic_conventions(
    http: Repository, collector: Collector
) -> None:
    http.write("one")
    assert http.apply().code == 0
    create = collector.one("POST /sequences")
    host, port = collector_of(http)
    assert create.kind == CLIENT
    assert create.attributes == {
        ENVIRONMENT: "remote",
        "http.request.method": "POST",
        "url.template": "/sequences",
        "url.full": f"http://{host}:{port}/sequences",
        "server.address": host,
        "server.port": port,
        "http.response.status_code": 201,
    }
    change = collector.one("change create")
    assert change.attributes == {
        ENVIRONMENT: "remote",
        "reconciler.custom_id": "one",
        "reconciler.action": "create",
        "reconciler.risk": "R3",
        "reconciler.status": "applied",
    }
    assert not any(each.is_error for each in collector.spans), "that there is none yet is what a create hopes for"
    assert collector.one("reconciler apply").attributes == {"reconciler.command": "apply", "process.exit.code": 0}
    assert all(each["service.name"] == "reconciler" for each in collector.resources)


def collector_of(repository: Repository) -> tuple[str, int]:
    text = (repository.root / "reconciler.toml").read_text(encoding="utf-8")
    host, port = text.partition('api = "http://')[2].partition('"')[0].split(":")
    return host, int(port)


def test_what_fails_is_an_error_up_to_the_command(behind: Repository, door: Door, collector: Collector) -> None:
    behind.write("one")
    behind.write("two")
    refused = (400, "application/json", b'{"error": "ada@example.com is nobody"}')
    door.before = lambda method, _path, nth: refused if method == "POST" and nth == 1 else None
    assert behind.apply().code == 8
    errors = Counter(each.name for each in collector.spans if each.is_error)
    assert errors == {"POST /sequences": 1, "change create": 1, "apply": 1, "reconciler apply": 1}
    assert collector.one("reconciler apply").attributes["process.exit.code"] == 8
    outcomes = collector.sums("reconciler.outcomes", "reconciler.status")
    assert outcomes == {("applied",): 1, ("rejected",): 1}
    (converged,) = collector.last("reconciler.convergence.duration").values()
    assert converged.attributes["reconciler.complete"] is False
    assert not any(b"ada@example.com" in body for body in collector.bodies)


def test_a_signal_shows_where_it_ended_the_run_and_every_change_is_counted(
    behind: Repository, door: Door, collector: Collector
) -> None:
    for name in ("a", "b", "c", "d", "e", "f"):
        behind.write(name)

    def before(method: str, _path: str, nth: int) -> None:
        if method == "POST" and nth == 1:
            os.kill(os.getpid(), signal.SIGINT)

    door.before = before
    assert behind.apply().code == 130
    assert collector.one("apply").attributes["error.type"] == "KeyboardInterrupt"
    assert collector.one("reconciler apply").attributes["process.exit.code"] == 130
    assert sum(collector.sums("reconciler.outcomes").values()) == 6


def test_a_look_tells_how_much_was_looked_at_and_what_it_found(http: Repository, collector: Collector) -> None:
    http.write("one")
    http.write("two")
    assert http.apply().code == 0
    http.simulator.edit("one", {"/name": "Moved"})
    collector.spans.clear()
    collector.points.clear()
    result, ledger = http.requests("drift", "--budget", "1")
    assert result.code == 0
    assert [collector.way(each)[:-1] for each in collector.calls()] == [["reconciler drift", "organisation", "drift"]]
    assert len(ledger) == 1
    shares = collector.sums("reconciler.drift.coverage", "reconciler.within")
    assert shares == {("look",): 0.5, ("day",): 0.5, ("week",): 0.5, ("month",): 0.5, ("ever",): 0.5}
    assert collector.last("reconciler.drift.oldest_look") == {}, "one was never looked at"
    http.run("drift")
    assert collector.sums("reconciler.drift.coverage", "reconciler.within")["ever",] == 1
    assert collector.sums("reconciler.drift.sequences", "reconciler.standing") == {
        ("in_step",): 1,
        ("drifted",): 1,
        ("gone",): 0,
        ("unreadable",): 0,
        ("unsettled",): 0,
    }
    (oldest,) = collector.last("reconciler.drift.oldest_look").values()
    assert oldest.value >= 0


def test_a_plan_without_requests_is_told_by_action_and_class_of_risk(http: Repository, collector: Collector) -> None:
    http.write("one")
    assert http.run("plan", "--refresh", "none").code == 0
    assert collector.way(collector.one("plan")) == ["reconciler plan", "organisation", "plan"]
    assert collector.calls() == []
    actions = collector.sums("reconciler.plan.changes", "reconciler.action")
    assert actions == {("create",): 1, ("adopt",): 0, ("update",): 0, ("rename",): 0, ("keep",): 0, ("orphan",): 0}
    risks = collector.sums("reconciler.plan.risk", "reconciler.risk")
    assert risks == {("R0",): 0, ("R1",): 0, ("R2",): 0, ("R3",): 1, ("R4",): 0}


def test_each_organisation_of_a_fleet_is_told_apart(
    fleet: FleetRepository, farm: FarmServer, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("ada", "bob", "cyd")
    behind_a_farm(fleet, farm, monkeypatch.setenv, *names)
    steps = {
        "plan": (["--refresh", "all"], {("plan",)}),
        "apply": (["--yes"], {("plan",), ("apply", "change create")}),
        "drift": ([], {("drift",)}),
    }
    for command, (options, within) in steps.items():
        seen = {name: len(farm.farm.simulators[name].ledger()) for name in names}
        collector.spans.clear()
        collector.points.clear()
        result = fleet.run("fleet", command, "clients", *options)
        assert result.code == 0, result
        asked = Counter({f"clients/{name}": len(farm.farm.simulators[name].ledger()) - seen[name] for name in names})
        assert min(asked.values()) > 0
        assert Counter(each.attributes[ENVIRONMENT] for each in collector.calls()) == asked
        told = collector.sums("reconciler.requests", ENVIRONMENT)
        assert told == {(name,): count for name, count in asked.items()}
        ways = {tuple(collector.way(each)[:-1]) for each in collector.calls()}
        assert ways == {(f"reconciler fleet {command}", "organisation", *way) for way in within}
        by_id = {each.id: each for each in collector.spans}
        for call in collector.calls():
            assert by_id[call.parent].attributes[ENVIRONMENT] == call.attributes[ENVIRONMENT]
        assert not any(name in body for body in collector.bodies for name in (b"canary", b"Bearer"))


def test_nothing_of_a_body_or_a_key_or_a_person_is_told(
    http: Repository, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collector-canary")
    person = {"type": "contacts_email_in", "email_in": ["ada@example.com"]}
    http.write("one", filter={"or": [{"and": [person]}]}, steps=[email("subject-canary"), sms("message-canary")])
    assert http.apply().code == 0
    assert http.run("drift").code == 0
    sent = b"".join(collector.bodies)
    assert b"one" in sent
    for canary in (FULL_KEY, "collector-canary", "ada@example.com", "subject-canary", "message-canary", "Bearer"):
        assert canary.encode() not in sent, canary
    assert {headers["authorization"] for _, headers in collector.requests} == {"Bearer collector-canary"}


def test_metrics_have_no_attribute_that_could_grow_without_end(http: Repository, collector: Collector) -> None:
    http.write("one")
    assert http.apply().code == 0
    assert http.run("drift").code == 0
    allowed = {each.name: {ENVIRONMENT, *each.attributes} for each in METRICS}
    units = {each.name: each.unit for each in METRICS}
    assert collector.points
    for point in collector.points:
        assert set(point.attributes) <= allowed[point.metric]
        assert point.unit == units[point.metric]


def test_the_api_is_sent_no_context_of_the_trace(
    http: Repository, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[set[str]] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({name.lower() for name in self.headers})
            self.send_response(401)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"error": "no"}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        http.configure(f'[environments.remote]\napi = "http://127.0.0.1:{server.server_address[1]}"\n')
        http.write("one")
        assert http.run("plan", "--refresh", "all").code == 4
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert heard == [{"host", "authorization", "accept", "accept-encoding", "user-agent"}] * len(heard) != []
    assert collector.calls()[0].attributes["error.type"] == "401"
    assert collector.one("plan").attributes["error.type"] == "CredentialsError"
