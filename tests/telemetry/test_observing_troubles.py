"""Telemetry that is not asked for, cannot be sent, or is never taken: nothing of it changes what a command does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from reconciler.wiring import telemetry
from tests.scenarios.workbench import ROOT, Repository, Result
from tests.telemetry.collector import Collector

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
NOTHING = "http://127.0.0.1:9"
UNLOADED = "from reconciler.cli.main import run; import sys; code = run(sys.argv[1:]); "
WITHOUT = "import sys; sys.modules['opentelemetry'] = None; from reconciler.__main__ import main; main()"
PATIENT = (
    "from reconciler.wiring import telemetry; telemetry.PATIENCE = 3600; from reconciler.__main__ import main; main()"
)


def started(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def ran(code: str, *arguments: str) -> Result:
    with started(code, *arguments) as process:
        out, err = process.communicate(timeout=60)
    return Result(process.returncode, out, err)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that answers nothing until the test has ended; the SDK itself would wait for it for an hour."""
    with Collector(held=Event()) as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
        yield collector


def test_nothing_is_loaded_where_nothing_is_asked_for(embedded: Repository) -> None:
    embedded.write("one")
    look = UNLOADED + "print(code, [name for name in sys.modules if name.startswith('opentelemetry')], file=sys.stderr)"
    result = ran(look, *embedded.prefix, "apply", "--yes")
    assert result.err.splitlines()[-1] == "0 []", result


def test_what_is_asked_for_and_not_installed_is_said_once_and_the_command_goes_on(
    embedded: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.write("one")
    plain = embedded.run("plan")
    monkeypatch.setenv(ENDPOINT, NOTHING)
    result = ran(WITHOUT, *embedded.prefix, "plan")
    assert (result.code, result.out) == (0, plain.out)
    assert result.err == (
        "no telemetry is sent: $OTEL_EXPORTER_OTLP_ENDPOINT asks for it, and the package for it is not installed; "
        "pip install 'reconciler[otel]'\n"
    )


def test_a_collector_that_hangs_changes_nothing_and_is_not_waited_for(
    embedded: Repository, hanging: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.write("one")
    result = embedded.command("plan")
    assert result.code == 0
    host = hanging.url.removeprefix("http://")
    assert result.err == f"not all telemetry was sent: {host} did not take it in 2 s; the work itself is not affected\n"
    monkeypatch.delenv(ENDPOINT)
    assert embedded.run("plan").out == result.out


def test_a_signal_ends_the_wait_for_a_collector_and_the_exit_code_stays(
    embedded: Repository, hanging: Collector
) -> None:
    embedded.write("one")
    with started(PATIENT, *embedded.prefix, "plan") as process:
        hanging.asked.wait()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "1 to create" in out


def test_ctrl_c_ends_the_wait_too(embedded: Repository, hanging: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "PATIENCE", 3600)
    embedded.write("one")

    def interrupt() -> None:
        hanging.asked.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = Thread(target=interrupt)
    thread.start()
    result = embedded.run("plan")
    thread.join()
    assert (result.code, result.err) == (0, "")


def test_a_collector_that_is_not_there_or_refuses_is_told_once_without_its_password(
    embedded: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.write("one")
    with Collector(status=401) as collector:
        host = collector.url.removeprefix("http://")
        monkeypatch.setenv(ENDPOINT, f"http://user:canary@{host}")
        refused = embedded.run("plan")
    gone = embedded.run("plan")
    said = f"not all telemetry was sent: {host} {{}}; the work itself is not affected\n"
    assert (refused.code, refused.err) == (0, said.format("answered 401"))
    assert (gone.code, gone.err, gone.out) == (0, said.format("cannot be reached"), refused.out)
    assert embedded.run("-q", "plan").err == ""


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({ENDPOINT: "collector:4318"}, f"{ENDPOINT} is no address"),
        ({ENDPOINT: "http://[canary"}, f"{ENDPOINT} is no address"),
        ({ENDPOINT: "http://x:canary"}, f"{ENDPOINT} is no address"),
        ({ENDPOINT: NOTHING, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL is not `http/pro"),
        ({ENDPOINT: NOTHING, "OTEL_SPAN_EVENT_COUNT_LIMIT": "canary"}, "could not be set up (ValueError)"),
    ],
)
def test_what_the_variables_cannot_mean_is_said_in_one_sentence(
    embedded: Repository, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    embedded.write("one")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = embedded.run("plan")
    assert result.code == 0
    assert said in result.err
    assert result.err.startswith("no telemetry is sent: ")
    assert result.err.count("\n") == 1
    assert "canary" not in result.err


@pytest.mark.parametrize(
    ("variables", "paths"),
    [
        ({}, {"/v1/traces", "/v1/metrics"}),
        ({"OTEL_SDK_DISABLED": "TRUE"}, set()),
        ({"OTEL_TRACES_EXPORTER": "none"}, {"/v1/metrics"}),
        ({"OTEL_METRICS_EXPORTER": "console"}, {"/v1/traces"}),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, set()),
        ({ENDPOINT: "", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "{url}/v1/traces"}, {"/v1/traces"}),
        ({ENDPOINT: "", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "{url}/v1/metrics"}, {"/v1/metrics"}),
        ({"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, {"/v1/traces", "/v1/metrics"}),
    ],
)
def test_the_standard_variables_decide_what_is_sent(
    embedded: Repository,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    paths: set[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(url=collector.url))
    embedded.write("one")
    result = embedded.run("plan")
    assert (result.code, result.err) == (0, "")
    assert {path for path, _ in collector.requests} == paths


def test_the_operator_names_the_service_and_its_attributes(
    embedded: Repository, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.write("one")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=ci,service.version=mine")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "gitops")
    assert embedded.run("plan").code == 0
    for resource in collector.resources:
        assert resource["service.name"] == "gitops"
        assert resource["deployment.environment.name"] == "ci"


def test_no_file_of_the_repository_has_anything_sent(
    embedded: Repository, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = collector.url
    monkeypatch.delenv(ENDPOINT)
    embedded.write("one")
    for name in (".env", "otel.env", ".reconciler/.env"):
        (embedded.root / name).write_text(f"{ENDPOINT}={url}\n", encoding="utf-8")
    (embedded.root / "otel.yaml").write_text(f"tracer_provider: {{endpoint: '{url}'}}\n", encoding="utf-8")
    monkeypatch.chdir(embedded.root)
    result = embedded.run("plan")
    assert (result.code, result.err) == (0, "")
    embedded.configure(f'[telemetry]\nendpoint = "{url}"\n')
    assert embedded.run("plan").code == 4
    assert collector.requests == []


def test_a_process_that_works_for_others_goes_on_with_their_trace_and_sends_it_when_it_ends(
    embedded: Repository, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.write("one")
    work = (
        "import sys; from reconciler.wiring.telemetry import following, organisation, traceparent\n"
        "with following(sys.argv[1]), organisation('clients/ada'): print(traceparent())"
    )
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    result = ran(work, f"00-{trace}-{parent}-01")
    span = collector.one("organisation")
    assert (span.trace.hex(), span.parent.hex()) == (trace, parent)
    assert result.out == f"00-{trace}-{span.id.hex()}-01\n"
    monkeypatch.setenv("TRACEPARENT", f"00-{trace}-{parent}-01")
    assert embedded.run("plan").code == 0
    command = collector.one("reconciler plan")
    assert (command.trace.hex(), command.parent.hex()) == (trace, parent)


def test_where_nothing_is_asked_for_there_is_no_trace_to_go_on_with() -> None:
    assert telemetry.traceparent() is None
    with telemetry.following("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        assert telemetry.traceparent() is None
