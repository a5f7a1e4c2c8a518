"""The contract of the command line: exit codes, what goes to stdout and stderr, and when nothing may be done."""

import copy
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.errors import ExitCode
from reconciler.sandbox.keys import FULL_KEY
from tests.scenarios.workbench import ROOT, Door, Repository, Result, after_sequence, reaching, served, writes

CANARY = "canary-KEY-4711"


def fails(result: Result, code: int, *words: str) -> None:
    assert (result.code, result.out) == (code, ""), result
    assert all(word in result.err for word in words), result.err
    assert "Traceback" not in result.err


# Each code, as a process.


def test_0_1_2_done_and_differences(embedded):
    assert embedded.command("plan").code == 0
    assert embedded.command("plan", "--detailed-exitcode").code == 0
    embedded.write("welcome")
    assert embedded.command("plan").code == 0
    assert embedded.command("plan", "--detailed-exitcode").code == 2
    assert embedded.command("apply", "--yes").code == 0
    assert embedded.command("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["validate"]])
def test_3_invalid_manifests(embedded, command):
    path = embedded.write("welcome", is_continous=True)
    result, seen = embedded.requests(*command)
    place = f"sequences/{path.name}:"
    assert (result.code, seen, place in result.out + result.err) == (3, [], True)
    document = embedded.json(*command)
    assert [each["file"] for each in document["diagnostics"]] == ["sequences/welcome.yaml"]
    assert not embedded.state_file.exists()


def test_3_a_circle_of_references_names_its_members(embedded):
    embedded.write("one", filter=reaching(after_sequence("two")))
    embedded.write("two", filter=reaching(after_sequence("one")))
    result, seen = embedded.requests("apply", "--yes")
    assert (result.code, seen) == (3, [])
    assert "one" in result.out + result.err
    assert "two" in result.out + result.err


REFUSED_CONFIGURATIONS = {
    "an unknown key with a suggestion": ('manifest = "x"', "did you mean `manifests`?"),
    "an unknown key of an environment": ('[environments.remote]\napi_key = "x"', "did you mean `api_key_env`?"),
    "an unknown key deep down": ("[environments.remote.rate_limit]\nrequest = 1", "did you mean `requests`?"),
    "no toml": ("manifests = ", "not valid TOML"),
    "a wrong type": ("manifests = 5", "must be a text"),
    "a folder outside": ('manifests = "../x"', "below the repository's root"),
    "no such place for state": ('[environments.remote]\nstate = "ftp://bucket/key"', "no place"),
    "another host": ('[environments.remote]\napi = "https://evil.example"', "OPENCX_API_URL"),
    "a host that looks like ours": (
        '[environments.remote]\napi = "https://api.open.cx.evil.example"',
        "OPENCX_API_URL",
    ),
    "a host behind a user": ('[environments.remote]\napi = "https://api.open.cx@evil.example"', "no address"),
    "a loopback that is none": ('[environments.remote]\napi = "http://127.0.0.1.evil.example"', "https"),
    "another port of ours": ('[environments.remote]\napi = "https://api.open.cx:8443"', "OPENCX_API_URL"),
    "ours in the clear": ('[environments.remote]\napi = "http://api.open.cx"', "https"),
    "a private address": ('[environments.remote]\napi = "http://192.168.0.1"', "https"),
    "another scheme": ('[environments.remote]\napi = "ftp://127.0.0.1"', "no address"),
    "a default that is not there": ('default_environment = "prod"', "no environment `prod`"),
}


@pytest.mark.parametrize("name", REFUSED_CONFIGURATIONS)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["validate"]])
def test_4_a_configuration_that_is_refused(embedded, monkeypatch, name, command):
    text, word = REFUSED_CONFIGURATIONS[name]
    monkeypatch.setenv("OPENCX_API_KEY", CANARY)
    embedded.write("welcome")
    embedded.configure(text)
    result, seen = embedded.requests(*command)
    fails(result, 4, word)
    assert (seen, CANARY in result.err) == ([], False)
    document = embedded.json(*command)
    assert (document["error"]["exit_code"], document["error"]["kind"]) == (4, "configuration")


def test_another_host_is_used_where_the_operator_names_it_too(embedded, monkeypatch):
    embedded.configure('[environments.sandbox]\napi = "https://eu.example"\n')
    monkeypatch.setenv("OPENCX_API_URL", "https://eu.example/")
    embedded.write("welcome")
    assert embedded.run("plan", "--refresh", "none").code == 0
    monkeypatch.setenv("OPENCX_API_URL", "https://us.example")
    assert embedded.run("plan", "--refresh", "none").code == 4


def test_4_without_a_key_and_with_one_that_is_refused(http, monkeypatch):
    http.write("welcome")
    monkeypatch.setenv("OPENCX_API_KEY", "wrong-" + CANARY)
    for command in (["plan"], ["apply", "--yes"]):
        result = http.run(*command)
        fails(result, 4, "key")
        assert CANARY not in result.err
    monkeypatch.delenv("OPENCX_API_KEY")
    assert http.run("plan").code == 0  # offline then
    fails(http.run("plan", "--refresh", "all"), 4, "OPENCX_API_KEY")
    fails(http.run("apply", "--yes"), 4, "OPENCX_API_KEY")


@pytest.mark.parametrize("key", [CANARY + "\n", CANARY + " x", "ü" + CANARY])
def test_4_a_key_that_can_be_none_is_refused_without_saying_it(http, monkeypatch, key):
    http.write("welcome")
    monkeypatch.setenv("OPENCX_API_KEY", key)
    result = http.run("plan")
    fails(result, 4, "key")
    assert CANARY not in result.err


def test_7_a_plan_that_is_refused(embedded):
    embedded.write("welcome")
    embedded.apply()
    embedded.simulator.delete("welcome")
    assert embedded.command("plan", "--refresh", "all").code == 7


def test_10_an_api_that_does_not_answer_leaves_everything_as_it_was(http):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        http.configure(f'[environments.remote]\napi = "http://127.0.0.1:{closed.getsockname()[1]}"\n')
        http.write("welcome")
        result = http.command("apply", "--yes")
    assert result.code == 10
    assert not http.state_file.exists()


USAGE = [
    [],
    ["plna"],
    ["plan", "--refersh"],
    ["plan", "--refresh", "sometimes"],
    ["plan", "extra"],
    ["apply"],
    ["apply", "one", "two"],
    ["apply", "no-such-plan.json", "--yes"],
    ["show"],
    ["-v", "-q", "plan"],
    ["-C", "no-such-folder", "plan"],
    ["--color", "purple", "plan"],
    ["plan", "--env", "sandbox"],
    ["plan", "--out", "no-such-folder/plan.json"],
    ["plan", "--out", "."],
    ["validate", "no-such.yaml"],
    ["sandbox"],
    ["sandbox", "edit", "nobody", "--set", "name=x"],
    ["sandbox", "serve", "--host", "0.0.0.0"],  # noqa: S104
    ["demo", "--keep", "."],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_64_wrong_usage(embedded, monkeypatch, arguments):
    monkeypatch.chdir(embedded.root)
    fails(embedded.run(*arguments), 64, "error: ")
    document = embedded.json(*arguments) if arguments[:1] != ["demo"] and "sandbox" not in arguments[:1] else None
    assert document is None or document["error"]["exit_code"] == 64


def test_64_is_what_a_process_ends_with_also_without_any_argument():
    process = subprocess.run(
        [sys.executable, "-m", "reconciler"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (process.returncode, process.stdout) == (64, "")
    assert "Usage: reconciler" in process.stderr
    assert "Traceback" not in process.stderr


def test_nearest_words_are_suggested(embedded):
    assert "did you mean `plan`?" in embedded.run("plna").err
    assert "before the command" in embedded.run("plan", "--env", "x").err
    embedded.configure("[environments.production]\n")
    wrong = Repository(root=embedded.root, simulator=embedded.simulator, environment="prodcution")
    fails(wrong.run("plan"), 4, "did you mean `production`?")


def test_1_a_bug_ends_in_one_line_and_a_report_without_values(embedded, tmp_path, monkeypatch):
    person = "ada@example.org"
    (tmp_path / "a_bug.py").write_text(
        "import click\n@click.command()\n@click.option('--format')\ndef command(format):\n"
        f"    try:\n        {{}}[{person!r}]\n"
        f"    except KeyError as error:\n        raise ZeroDivisionError({person!r}) from error\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(main.COMMANDS, "bug", main.Entry("a_bug", "A bug."))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = embedded.run("bug")
    fails(result, 1, "internal error (ZeroDivisionError)")
    assert len(result.err.splitlines()) == 1
    (report,) = tmp_path.glob("reconciler-report-*.txt")
    assert "a_bug.py:6" in report.read_text()
    assert person not in report.read_text() + result.err
    assert embedded.json("bug")["error"]["exit_code"] == 1
    assert "Traceback" in embedded.run("--debug", "bug").err


@pytest.mark.parametrize(("call", "code", "status"), [("create", 9, "unknown"), ("find", 1, "not_sent")])
@pytest.mark.parametrize("format_", ["text", "json"])
def test_1_9_a_bug_while_applying_is_told_beside_every_outcome(embedded, tmp_path, call, code, status, format_):
    embedded.write("first")
    embedded.write("second", filter=reaching(after_sequence("first")))
    # A process whose API has a bug; what is written of it is what any process writes.
    source = (
        "import sys\n"
        "from reconciler.adapters.api import client\n"
        "from reconciler.__main__ import main\n"
        "def bug(*_): raise ZeroDivisionError('ada@example.org')\n"
        f"client.Api{'Writer' if call == 'create' else 'Reader'}.{call} = bug\n"
        "sys.argv[0] = 'reconciler'\n"
        "main()\n"
    )
    if call == "find":
        source = source.replace(
            "def bug(*_): ",
            "seen = []\nreal = client.ApiReader.find\ndef bug(self, name):\n    "
            "seen.append(name)\n    if len(seen) < 3: return real(self, name)\n    ",
        )
    ended = subprocess.run(
        [sys.executable, "-c", source, *embedded.prefix, "apply", "--yes", "--format", format_],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert (ended.returncode, "ada@" in ended.stdout + ended.stderr) == (code, False), ended
    if format_ == "json":
        document = json.loads(ended.stdout)
        assert [each["status"] for each in document["outcomes"]] == [status, "not_sent"]
        assert (document["error"]["kind"], ended.stderr) == ("internal", "")
    else:
        assert "internal error (ZeroDivisionError)" in ended.stderr
        assert "second" in ended.stdout
    (report,) = tmp_path.glob("reconciler-report-*.txt")
    assert "ada@" not in report.read_text()


def test_every_exit_code_is_the_one_of_the_contract():
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 64, 130, 143]


# State.


def test_there_is_no_state_before_the_first_apply_and_then_one_that_only_its_owner_reads(repository):
    repository.write("welcome")
    repository.run("plan", "--refresh", "all")
    assert not repository.state_file.exists()
    repository.applied()
    assert repository.state_file.stat().st_mode & 0o777 == 0o600
    name = repository.state_file.name
    beside = {path.name for path in repository.state_file.parent.glob(f"*{name}*")}
    assert beside == {name, f"{name}.history", f"{name}.seen", f".{name}.guard"}  # neither lock nor journal
    assert FULL_KEY not in repository.state_file.read_text()


def test_5_a_state_cut_at_any_place_is_refused_and_never_taken_for_empty(embedded):
    embedded.write("welcome")
    embedded.applied()
    whole = embedded.state_file.read_bytes()
    for length in [*range(0, len(whole), 10), len(whole) - 1]:
        embedded.state_file.write_bytes(whole[:length])
        fails(embedded.run("plan", "--refresh", "none"), 5, "state")
    result, seen = embedded.requests("apply", "--yes")
    assert (result.code, seen) == (5, [])
    assert embedded.state_file.read_bytes() == whole[:-1]


def test_5_a_state_with_any_byte_changed_is_refused(embedded):
    embedded.write("welcome")
    embedded.applied()
    whole = embedded.state_file.read_bytes()
    for position in range(0, len(whole), 10):
        embedded.state_file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        fails(embedded.run("plan", "--refresh", "none"), 5, "state")


FOREIGN = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "an object": b"{}",
    "another program's": b'{"version": 4, "terraform_version": "1.9", "serial": 1, "lineage": "x", "resources": []}',
    "a merge conflict": b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n",
    "not utf-8": b"\xff\xfe\x00",
    "newer": b'{"format_version": "2.0", "anything": 1}',
    "a little newer": b'{"format_version": "1.1"}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_5_a_foreign_or_newer_state_is_refused(embedded, name):
    embedded.write("welcome")
    embedded.state_file.write_bytes(FOREIGN[name])
    for command in (["plan", "--refresh", "none"], ["plan"], ["apply", "--yes"]):
        result, seen = embedded.requests(*command)
        fails(result, 5, embedded.state_file.name)
        assert seen == []
    assert ("format 2.0" in result.err) is (name == "newer")
    assert embedded.state_file.read_bytes() == FOREIGN[name]


def test_5_a_state_that_cannot_be_written_stops_before_any_write(embedded):
    embedded.configure('[environments.sandbox]\nstate = "file:blocked/state.json"\n')
    (embedded.root / "blocked").write_text("a file where a folder should be")
    embedded.write("welcome")
    result, seen = embedded.requests("apply", "--yes")
    assert (result.code, writes(seen)) == (5, [])


def test_5_a_state_that_disappears_during_the_run_is_told_beside_what_was_done(behind, door):
    behind.write("first")
    behind.applied()
    behind.write("second")

    def before(method: str, path: str, nth: int) -> None:
        if method == "POST":
            behind.state_file.unlink()

    door.before = before
    result = behind.run("apply", "--yes", "--format", "json")
    assert (result.code, result.err) == (5, "")
    assert [each["status"] for each in result.json["outcomes"]] == ["applied"]
    assert result.json["error"]["kind"] == "state"


# Nobody to ask, and somebody.


def test_without_a_terminal_and_without_yes_nothing_is_done(repository):
    repository.write("welcome")
    for stdin in (subprocess.DEVNULL, subprocess.PIPE):
        with repository.watched() as seen:
            result = repository.command("apply", stdin=stdin)
        fails(result, 64, "--yes")
        assert seen == []


@contextmanager
def terminal():
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(("answer", "code"), [("n", 7), ("", 7), ("maybe", 7), ("y", 0), ("YES", 0)])
def test_on_a_terminal_it_asks_and_only_yes_is_yes(embedded, answer, code):
    embedded.write("welcome")
    with terminal() as (ours, theirs):
        os.write(ours, answer.encode() + b"\n")
        result = embedded.command("apply", stdin=theirs)
    assert (result.code, "Apply this plan? [y/N]" in result.err) == (code, True)
    assert "+ welcome  create" in result.out
    assert len(embedded.simulator.sequences()) == (1 if code == 0 else 0)
    assert embedded.state_file.exists() is (code == 0)


@pytest.mark.parametrize("options", [["--format", "json"], []])
def test_nobody_is_asked_about_a_plan_that_was_not_shown(embedded, options):
    embedded.write("welcome")
    quiet = Repository(root=embedded.root, simulator=embedded.simulator)
    with terminal() as (ours, theirs):
        os.write(ours, b"n\n")
        arguments = ["apply", *options]
        process = subprocess.run(
            [sys.executable, "-m", "reconciler", *quiet.prefix, *([] if options else ["-q"]), *arguments],
            stdin=theirs,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert process.returncode == 7
    assert "+ welcome  create" in process.stderr
    if options:
        assert json.loads(process.stdout)["error"]["exit_code"] == 7


def test_progress_is_one_line_that_is_wiped_on_a_terminal_and_a_line_a_sequence_elsewhere(embedded):
    for name in ("one", "two"):
        embedded.write(name)
    with terminal() as (ours, theirs):
        result = embedded.command("apply", "--yes", stderr=theirs)
        drawn = os.read(ours, 65536).decode()
    assert result.code == 0
    assert "2 of 2" in drawn
    assert drawn.endswith("\r\x1b[K")
    assert "\n" not in drawn
    for name in ("three", "four"):
        embedded.write(name)
    lines = embedded.command("apply", "--yes").err.splitlines()
    assert sorted(re.sub(r"^\[\d/2\] ", "", line) for line in lines) == [
        "applied    create four  read back and equal",
        "applied    create three  read back and equal",
    ]


# Streams.


@pytest.mark.parametrize("command", ["plan", "apply --yes", "validate"])
def test_json_is_one_document_and_stderr_stays_empty(embedded, command):
    embedded.write("welcome")
    result = embedded.command(*command.split(), "--format", "json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["format_version"] == "1.0"
    assert result.out.isascii()


def test_a_reader_that_goes_away_does_not_change_the_exit_code(embedded):
    for number in range(40):
        embedded.write(f"s{number}", name="x" * 5_000)
    for arguments, code in (
        (["plan", "--format", "json", "--detailed-exitcode"], 2),
        (["plan", "--refresh", "all"], 0),
    ):
        with embedded.process("-v", *arguments) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == ""
        assert process.returncode == code
    reading, writing = os.pipe()
    os.close(reading)
    assert embedded.command("--help", stdout=writing).code == 0
    assert embedded.command("apply", "--yes", stdout=writing).code == 0
    os.close(writing)
    assert len(embedded.simulator.sequences()) == 40


@pytest.mark.parametrize(
    ("options", "variables", "coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color=always"], {}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_the_options_then_no_color_then_force_color(embedded, monkeypatch, options, variables, coloured):
    embedded.write("welcome")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in embedded.run(*options, "plan").out) is coloured
    assert ("\x1b[" in embedded.run(*options, "plna").err) is coloured
    assert "\x1b" not in embedded.run(*options, "plan", "--format", "json").out


def test_on_a_terminal_there_is_colour_unless_it_is_a_dumb_one(embedded, monkeypatch):
    embedded.write("welcome")
    for term, coloured in (("xterm", True), ("dumb", False)):
        monkeypatch.setenv("TERM", term)
        with terminal() as (ours, theirs):
            embedded.command("plan", stdout=theirs)
            assert (b"\x1b[" in os.read(ours, 65536)) is coloured


def test_c_works_in_another_folder_also_one_with_a_space(embedded, monkeypatch, tmp_path):
    embedded.write("welcome")
    monkeypatch.chdir(tmp_path)
    assert main.run(["-C", "a repository", "plan", "--out", "my plan.json"]) == 0
    assert main.run(["-C", "a repository", "apply", "--yes", "my plan.json"]) == 0
    assert (tmp_path / "a repository" / ".reconciler" / "sandbox.json").exists()


def test_a_plan_is_written_whole_or_to_a_pipe_but_never_over_a_device(embedded, tmp_path):
    embedded.write("welcome")
    assert embedded.run("plan", "--out", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()
    target = tmp_path / "plan.json"
    (tmp_path / "link.json").symlink_to(target)
    assert embedded.run("plan", "--out", str(tmp_path / "link.json")).code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads(target.read_bytes()) == embedded.plan()
    assert sorted(path.name for path in tmp_path.glob("*plan*")) == ["plan.json"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_plan_can_be_read_by_whoever_may_read_any_new_file(embedded, tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        assert embedded.run("plan", "--out", str(tmp_path / "plan.json")).code == 0
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html", "terraform"])
@pytest.mark.parametrize("of", ["embedded", "http"])
def test_show_draws_what_plan_drew_to_the_letter(request, tmp_path, of, format_):
    """What it costs in requests and minutes too: the saved plan knows the limit of its environment."""
    repository = request.getfixturevalue(of)
    repository.write("welcome")
    file = tmp_path / "plan.json"
    drawn = repository.run("plan", "--format", format_, "--out", str(file)).out
    assert repository.run("show", str(file), "--format", format_).out == drawn
    if format_ == "markdown":
        assert drawn.splitlines()[4].startswith("- **Costs** 3 requests: at once, ")


def test_a_plan_is_no_other_plan_where_only_the_limit_is(http, tmp_path):
    http.write("welcome")
    file = tmp_path / "plan.json"
    http.run("plan", "--out", str(file))
    pace = json.loads(file.read_bytes())["pace"]
    digest = json.loads(file.read_bytes())["digest"]
    config = http.root / "reconciler.toml"
    config.write_text(config.read_text().replace("requests = 0, seconds = 1", "requests = 900, seconds = 30"))
    again = http.plan()
    assert (again["digest"], again["pace"]) == (digest, {"requests": 900, "seconds": 30})
    assert again["pace"] != pace
    assert http.run("apply", str(file), "--yes").code == 0


@pytest.mark.parametrize("pace", [5, {}, {"requests": "x", "seconds": 60}, {"requests": 1, "seconds": 0}])
def test_a_pace_that_is_none_is_refused(embedded, tmp_path, pace):
    from reconciler.core.codec.plan import document_checksum

    embedded.write("welcome")
    document = {**embedded.plan(), "pace": pace}
    document["checksum"] = document_checksum(document)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document))
    assert embedded.run("show", str(file)).code == 7


BROKEN_PLANS = {
    "nothing": ("", 7),
    "not json": ("{", 7),
    "no plan": ("{}", 7),
    "a list": ("[]", 7),
    "deep": ("[" * 100_000, 7),
    "newer": ({"format_version": "2.0"}, 7),
    "no changes": ({"changes": None}, 7),
    "an environment that is no text": ({"environment": ["x"]}, 7),
    "a body without a name": ({"body": {"filter": None, "steps": []}}, 7),
    "a body with a list for a step": ({"body": {"name": "", "custom_id": "", "filter": None, "steps": [[]]}}, 7),
    "a basis that is none": ({"basis": []}, 7),
    "a class that is none": ({"change": {"risk": "R9"}}, 7),
    "a reason that is no text": ({"change": {"risk_reasons": [1]}}, 7),
    "a reach that is none": ({"change": {"reach": {}}}, 7),
    "a step that is nowhere": ({"change": {"steps": [{"kind": "inserted", "after": 99, "sent": {}}]}}, 7),
    "a step that is sent at no time": ({"change": {"steps": [{"kind": "same", "sent": {"before": "x"}}]}}, 7),
    "an affected sequence that is none": ({"affected": [1]}, 7),
}


@pytest.mark.parametrize("name", BROKEN_PLANS)
@pytest.mark.parametrize("command", [["show"], ["apply", "--yes"]])
def test_a_plan_file_that_holds_no_plan_is_refused_and_is_no_bug(embedded, tmp_path, name, command):
    from reconciler.core.codec.plan import document_checksum, document_digest

    content, code = copy.deepcopy(BROKEN_PLANS[name])
    file = tmp_path / "plan.json"
    embedded.write("welcome")
    if isinstance(content, dict):
        document = embedded.plan()
        if "body" in content:
            document["changes"][0]["operation"]["body"] = content["body"]
        else:
            document["changes"][0] |= content.pop("change", {})
            document |= content
        if isinstance(document["changes"], list) and "basis" not in content:
            document["digest"] = document_digest(document)
        document["checksum"] = document_checksum(document)
        content = json.dumps(document)
    file.write_text(content)
    result, seen = embedded.requests(*command, str(file))
    fails(result, code)
    assert seen == []


def test_the_key_is_in_no_output(http, monkeypatch, tmp_path):
    http.simulator.add_key(CANARY, "5a4d8b0c-0000-4000-8000-000000000001", ["sequences:read", "sequences:write"])
    monkeypatch.setenv("OPENCX_API_KEY", CANARY)
    http.write("welcome")
    commands = [["plan"], ["plan", "--format", "json"], ["apply", "--yes"], ["apply", "--yes", "--format", "json"]]
    results = [http.run("--debug", "-v", *command) for command in commands]
    http.write("welcome", name="Edited")
    http.configure('[environments.remote]\napi = "http://127.0.0.1:1"\n')
    results += [http.run("--debug", *command) for command in commands]
    assert {result.code for result in results} == {0, 10}
    assert not [result for result in results if CANARY in result.out + result.err]
    kept = [path.read_bytes() for path in http.root.rglob("*") if path.is_file()]
    assert not [data for data in kept if CANARY.encode() in data]


# Signals.


class Held:
    """Holds every write at the door until it is let go."""

    def __init__(self, door: Door, method: str) -> None:
        self.arrived = threading.Event()
        self.release = threading.Event()
        self._method = method
        door.before = self

    def __call__(self, method: str, path: str, nth: int) -> None:
        if method == self._method:
            self.arrived.set()
            assert self.release.wait(60)


@pytest.fixture
def chain(behind: Repository) -> Repository:
    behind.write("first")
    behind.write("second", filter=reaching(after_sequence("first")))
    return behind


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_130_143_a_signal_lets_the_request_in_flight_end_and_starts_no_other(chain, door, number, code):
    held = Held(door, "POST")
    with chain.process("apply", "--yes") as process:
        assert held.arrived.wait(30)
        process.send_signal(number)
        assert process.stderr is not None
        assert "stopping: finishing 1 change" in process.stderr.readline()
        held.release.set()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (code, False)
    assert re.findall(r"(applied|not sent) +create (\w+)", out) == [("applied", "first"), ("not sent", "second")]
    assert list(chain.state["records"]) == ["first"]
    assert "pending" not in chain.state
    assert chain.applied()["summary"] == {"applied": 1}


def test_9_a_second_signal_ends_at_once_and_says_what_nobody_knows(chain, door):
    held = Held(door, "POST")
    with chain.process("apply", "--yes") as process:
        assert held.arrived.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "once more stops at once" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    held.release.set()
    assert process.returncode == 9
    assert re.findall(r"(unknown|not sent) +create (\w+)", out) == [("unknown", "first"), ("not sent", "second")]
    assert list(chain.state["pending"]) == ["first"]
    assert chain.state["records"] == {}


def test_a_signal_in_json_still_gives_one_document(chain, door):
    held = Held(door, "POST")
    with chain.process("apply", "--yes", "--format", "json") as process:
        assert held.arrived.wait(30)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)  # after the grace, since nobody lets go
    held.release.set()
    assert (process.returncode, err) == (9, "")
    assert json.loads(out)["summary"] == {"not_sent": 1, "unknown": 1}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_a_signal_while_reading_ends_at_once_and_leaves_nothing_behind(chain, door, number, code, command):
    held = Held(door, "GET")
    with chain.process(*command, "--format", "json") as process:
        assert held.arrived.wait(30)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    held.release.set()
    assert (process.returncode, err) == (code, "")
    assert json.loads(out)["error"] == {
        "kind": "stopped",
        "exit_code": code,
        "message": "stopped by " + ("Ctrl-C" if code == 130 else "SIGTERM"),
        "hint": None,
    }
    assert not chain.state_file.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_served_sandbox_ends_by_a_signal_too(tmp_path, number, code):
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "reconciler", "-C", str(tmp_path), "sandbox", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        assert process.stdout is not None
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", process.stdout.readline())
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (code, False)


def test_a_port_that_is_taken_is_said_to_be(tmp_path, embedded):
    with served(tmp_path) as url:
        fails(embedded.run("sandbox", "serve", "--port", url.rpartition(":")[2]), 64, "port", "--port")


def test_show_refuses_a_plan_that_was_edited(embedded, tmp_path):
    embedded.write("welcome")
    file = tmp_path / "plan.json"
    embedded.run("plan", "--out", str(file))
    file.write_text(file.read_text().replace("Welcome", "Wellcome"))
    fails(embedded.run("show", str(file)), 7, "edited")


def test_what_the_api_says_reaches_no_log_as_a_command(behind, door):
    said = json.dumps({"message": "no\n::error::a ##[error]b \x1b[31m\u202e"}).encode()
    behind.write("welcome")
    for status, method in ((401, "GET"), (500, "GET"), (400, "POST"), (500, "POST")):
        answer = (status, "application/json", said)
        door.before = lambda asked, path, nth, method=method, answer=answer: answer if asked == method else None
        for options in ([], ["--format", "json"]):
            result = behind.run("apply", "--yes", *options)
            assert result.code in (4, 8, 9, 10)
            lines = (result.out + result.err).splitlines()
            assert not [line for line in lines if re.search(r"^\s*::|##\[|\x1b|\u202e", line)]


def test_a_sandbox_that_cannot_be_opened_is_said_and_is_no_bug(embedded):
    embedded.write("welcome")
    broken = Repository(root=embedded.root, simulator=embedded.simulator)
    embedded.simulator.close()
    for left in (embedded.root / ".reconciler").iterdir():
        left.unlink()
    (embedded.root / ".reconciler" / "sandbox.sqlite3").write_bytes(b"not a database" * 100)
    fails(broken.run("plan"), 4, "sandbox.sqlite3", "not a database")
    fails(broken.run("sandbox", "show"), 4, "sandbox.sqlite3")
    assert broken.run("plan", "--refresh", "none").code == 0


def test_in_a_wrong_folder_nothing_is_made(tmp_path, embedded):
    (tmp_path / "empty").mkdir()
    wrong = Repository(root=tmp_path / "empty", simulator=embedded.simulator)
    for command in (["plan"], ["apply", "--yes"], ["validate"]):
        fails(wrong.run(*command), 4, "there is no folder `sequences`")
    assert list(wrong.root.iterdir()) == []


@pytest.mark.parametrize(("folder", "way"), [("sequences", ".."), ("sequences/deep", "../.."), ("docs", "..")])
@pytest.mark.parametrize("configured", [True, False])
def test_4_from_a_folder_of_a_repository_the_root_is_named(embedded, monkeypatch, folder, way, configured):
    embedded.write("welcome")
    if configured:
        embedded.configure("[environments.production]\n")
    (embedded.root / folder).mkdir(exist_ok=True)
    monkeypatch.chdir(embedded.root / folder)
    for command in (["plan"], ["apply", "--yes"], ["validate"], ["--env", "production", "plan"]):
        result = Repository(root=Path(), simulator=embedded.simulator).run(*command)
        fails(result, 4, f"`reconciler -C {way} plan`", str(embedded.root))
    assert list((embedded.root / folder).glob(".*")) == []


def test_validate_speaks_of_the_paths_that_were_named_and_still_reads_all(embedded, monkeypatch):
    one = embedded.write("one", nmae="x")
    (embedded.root / "sequences" / "more").mkdir()
    twin = embedded.root / "sequences" / "more" / "twin.yaml"
    embedded.write("two")
    twin.write_text((embedded.root / "sequences" / "two.yaml").read_text())
    monkeypatch.chdir(embedded.root)
    assert embedded.json("validate")["files"] == 3
    assert {each["file"] for each in embedded.json("validate", str(one))["diagnostics"]} == {"sequences/one.yaml"}
    document = embedded.json("validate", "sequences/two.yaml", "sequences/more")
    errors = [each for each in document["diagnostics"] if each["severity"] == "error"]
    assert (document["files"], {each["file"] for each in errors}) == (2, {"sequences/two.yaml"})
    assert "sequences/more/twin.yaml" in errors[0]["message"]
    embedded.write("fine")
    assert embedded.run("validate", "sequences/fine.yaml").code == 0


def test_a_terminal_that_knows_only_ascii_is_no_trouble(embedded, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    embedded.write("welcome", name="Wëlcome ☃ " * 30)
    with terminal() as (ours, theirs):
        result = embedded.command("apply", "--yes", stderr=theirs)
        drawn = os.read(ours, 65536)
    assert (result.code, drawn.isascii()) == (0, True)
    assert "W\\xeblcome" in result.out
