"""One signal at any moment ends a process in order: while it starts, while the sandbox opens, while it applies."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scenarios.workbench import ROOT

# A library that says that it is being imported, and waits until it is let go.
SLOW = "import sys\nprint('importing', flush=True)\nsys.stdin.readline()\n"
STARTS = 40


@pytest.mark.parametrize(("number", "code", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")])
@pytest.mark.parametrize("options", [[], ["--format", "json"]])
def test_a_signal_while_the_command_line_is_imported_ends_in_one_line(tmp_path, number, code, name, options):
    (tmp_path / "click.py").write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "plan", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    if options:
        assert (json.loads(out)["error"]["exit_code"], err) == (code, "")
    else:
        assert (out, err) == ("", f"error: stopped by {name}\n")


# An import hook that sends a signal to this very process at the nth of the events that the interpreter reports.
AT_AN_EVENT = """
import os, signal, sys
seen = 0
def hook(event, arguments):
    global seen
    if event in ("import", "socket.__new__", "_thread.start_new_thread", "sqlite3.connect", "open", "os.rename"):
        seen += 1
        if seen == NUMBER:
            os.kill(os.getpid(), signal.SIGTERM)
from reconciler.__main__ import main
sys.argv = ["reconciler", *sys.argv[1:]]
sys.addaudithook(hook)
main()
"""


AT_AN_IMPORT = """
import os, signal, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == "MODULE":
        os.kill(os.getpid(), signal.SIGTERM)
from reconciler.__main__ import main
sys.argv = ["reconciler", *sys.argv[1:]]
sys.addaudithook(hook)
main()
"""


def test_a_signal_at_any_moment_of_an_apply_ends_it_in_order(embedded):
    for number in range(4):
        embedded.write(f"s{number}")
    codes = []
    for turn in range(STARTS):
        # The first events are near together (imports); later ones are where the sandbox opens and its loop starts.
        source = AT_AN_EVENT.replace("NUMBER", str(2 + turn * 30))
        process = subprocess.run(
            [sys.executable, "-c", source, *embedded.prefix, "apply", "--yes"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        assert process.returncode in (0, 143), (turn, process)
        assert "Traceback" not in process.stderr, (turn, process)
        codes.append(process.returncode)
        for left in (embedded.root / ".reconciler").glob("sandbox.json*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        embedded.simulator.reset(embedded.simulator.switches)
    assert codes.count(143) > STARTS // 4


@pytest.mark.parametrize("module", ["jsonschema_rs.jsonschema_rs", "msgspec._core", "decimal", "yaml", "sqlite3"])
def test_a_signal_inside_a_library_that_is_being_imported_is_still_that_signal(embedded, module):
    """One of them turns what the handler raises into a panic of its own, and has its word about it first."""
    embedded.write("welcome")
    process = subprocess.run(
        [sys.executable, "-c", AT_AN_IMPORT.replace("MODULE", module), *embedded.prefix, "apply", "--yes"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert process.returncode == 143
    assert process.stderr.endswith("error: stopped by SIGTERM\n")


def test_a_signal_while_the_embedded_sandbox_opens_does_not_hang(embedded):
    """From outside, at moments that sweep over the whole of a start."""
    embedded.write("welcome")
    codes = []
    for turn in range(20):
        # Not with `-W error`: what an import had open when the signal came is told of by Python itself.
        with subprocess.Popen(
            [sys.executable, "-m", "reconciler", *embedded.prefix, "apply", "--yes"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as process:
            time.sleep(turn * 0.03)
            process.send_signal(signal.SIGTERM)
            try:
                _, err = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        codes.append(process.returncode)
        assert "Traceback" not in err, (turn, err)
    # Before a line of ours has run, nobody can make more of a signal than Python does.
    assert set(codes) <= {0, 143, -signal.SIGTERM}, codes


DROPPED = """
import os, signal, sys, time, weakref
from reconciler.signals import Terminated, heed
class Thing: pass
def callback(_):
    os.kill(os.getpid(), NUMBER)
    for _ in range(1000): pass
heed()
thing = Thing()
kept = weakref.ref(thing, callback)
try:
    del thing
    time.sleep(60)
except (KeyboardInterrupt, Terminated) as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "Terminated")])
def test_a_signal_is_not_lost_where_python_drops_exceptions(number, name):
    process = subprocess.run(
        [sys.executable, "-c", DROPPED.replace("NUMBER", str(int(number)))],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=50,
        check=False,
    )
    assert (process.stdout, process.stderr) == (f"{name}\n", "")


def test_what_heeds_signals_is_there_before_anything_heavy(tmp_path: Path):
    process = subprocess.run(
        [sys.executable, "-c", "import sys, reconciler.__main__; print(*sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert not {"click", "re", "typing", "json", "dataclasses"} & set(process.stdout.split())
