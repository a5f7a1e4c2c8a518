"""A process that has imported the whole tool once, and forks for each command line that it is asked to run.

A line of JSON on stdin: {"arguments", "environment", "out", "log", "watched", "at", "number", "events"}. Two lines come
back: the new process's id, and how it ended as `os.waitpid` puts it. A process ends itself where `kill_steps` says so.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

import reconciler
from reconciler.__main__ import main
from tests.kills.kill_steps import Recording, Steps

# Clients of object stores bring threads of their own along, which do not outlive a fork.
_NOT_HERE = ("reconciler.__main__", "reconciler.adapters.store.s3", "reconciler.adapters.engine")


def serve() -> None:
    """Fork for each line on stdin until it ends."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _import_everything()
    # Reading the system's certificates takes longer than all the rest of a run that talks to this machine alone.
    context = ssl.create_default_context()
    ssl.create_default_context = lambda *_, **__: context
    gc.collect()
    gc.freeze()
    _tell("ready")
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            _become(json.loads(line))
        _tell(process)
        _tell(os.waitpid(process, 0)[1])


def _tell(value: object) -> None:
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def _import_everything() -> None:
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.startswith(_NOT_HERE):
            importlib.import_module(module.name)
    for name in ("httpx", "jsonschema", "jsonschema_rs", "deepdiff", "msgspec", "yaml", "encodings.idna"):
        importlib.import_module(name)


def _become(asked: dict[str, Any]) -> None:
    """Run a command line as the installed command would, and end this process with its exit code."""
    code = 70
    try:
        os.environ.update(asked["environment"])
        sys.argv = ["reconciler", *asked["arguments"]]
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        descriptor = os.open(asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        if asked["events"] is not None:
            _record(Recording(asked["watched"], Path(asked["log"]), Path(asked["events"])))
        else:
            Steps(asked["watched"], Path(asked["log"]), at=asked["at"], number=asked["number"]).install()
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
    except BaseException:  # noqa: BLE001 - nothing may get out of here into the zygote's own loop
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _record(recording: Recording) -> None:
    """Also note each entry before it is handed to the store, and once the store has said that it is durable."""
    from reconciler.wiring.state import open_store
    from reconciler.wiring.workspace import open_workspace

    root, environment = sys.argv[sys.argv.index("-C") + 1], sys.argv[sys.argv.index("--env") + 1]
    store = type(open_store(open_workspace(Path(root), environment)))
    begin = store.begin

    def begun(self: Any, *arguments: Any, **options: Any) -> Any:
        session = begin(self, *arguments, **options)
        _note_entries(type(session), recording)
        return session

    store.begin = begun
    recording.install()


def _note_entries(session: Any, recording: Recording) -> None:
    append = session.append

    def noted(self: Any, entry: Any) -> None:
        recording.note("begun", entry)
        append(self, entry)
        recording.note("kept", entry)

    session.append = noted


if __name__ == "__main__":
    serve()
