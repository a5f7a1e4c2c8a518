"""Rows about applying: 500 updates, and 500 creates, against a bare client that sends the same requests.

Both sides get a server of their own on a copy of the same sandbox, so that they meet the same sequences under the same
ids. What our side sent is read from the sandbox's ledger and sent again by `floors/replay.py`.
"""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.context import Context
from benchmarks.measure import interleaved
from benchmarks.repository import Repository, our_command
from benchmarks.table import Row

_APPLY: Final = ("apply", "--yes")
_PER_SEQUENCE: Final = re.compile(r"/sequences/([^/]+)")


def updates(context: Context) -> Iterator[Row]:
    """Compare applying updates, durable saving included, with sending the same requests."""
    trial = _Trial.prepare(context, "updates", context.size(500))
    with served(trial.pristine) as url:
        configure(trial.pristine, url)
        trial.pristine.run(*_APPLY, key=True)
    trial.pristine.revise(trial.count, 2)
    yield trial.row("update")


def creates(context: Context) -> Iterator[Row]:
    """Compare applying creates to an empty server with sending the same requests."""
    trial = _Trial.prepare(context, "creates", context.size(500))
    with served(trial.pristine):
        pass
    yield trial.row("create")


@dataclass(slots=True, kw_only=True)
class _Trial:
    """Copies of one pristine repository, with its sandbox, to apply to and to send the same requests to."""

    context: Context
    pristine: Repository
    count: int
    # What our side sent last; the floor sends it again.
    recording: Path
    requests: int = 0
    turns: int = field(default=0)

    @classmethod
    def prepare(cls, context: Context, name: str, count: int) -> "_Trial":
        pristine = Repository.create(context.folder / name, count, api=context.silence.url)
        return cls(context=context, pristine=pristine, count=count, recording=context.folder / f"{name}.json")

    def row(self, deed: str) -> Row:
        ours, floor = interleaved(self.context.runs, self._apply, self._replay)
        return Row(
            what=f"apply {self.count:,} {deed}s over HTTP",
            ours=ours,
            floor=floor,
            unit="s",
            floor_is=f"bare httpx, the same {self.requests:,} requests",
            bound=3,
            judged=not self.context.quick,
        )

    def _apply(self) -> float:
        with self._copy() as repository:
            before = len(ledger(repository))
            with served(repository) as url:
                configure(repository, url)
                seconds = repository.run(*_APPLY, key=True).seconds
            sent = ledger(repository)[before:]
            if sum(entry["mutation"] is not None for entry in sent) != self.count:
                raise RuntimeError(f"not every one of {self.count} changes has arrived")
            self.requests = len(sent)
            record(sent, self.recording)
        return seconds

    def _replay(self) -> float:
        with self._copy() as repository, served(repository) as url:
            ended = self.context.floor("replay", self.recording, url)
        if int(ended.stdout) != self.requests:
            raise RuntimeError("the floor did not send what we sent")
        return ended.seconds

    @contextmanager
    def _copy(self) -> Iterator[Repository]:
        self.turns += 1
        root = self.pristine.root.with_name(f"{self.pristine.root.name}-{self.turns}")
        shutil.copytree(self.pristine.root, root)
        try:
            yield Repository(root)
        finally:
            shutil.rmtree(root)


@contextmanager
def served(repository: Repository) -> Iterator[str]:
    """Serve the repository's sandbox without a limit, in a process of its own."""
    command = [*our_command(), "-C", str(repository.root), "sandbox", "serve", "--port", "0", "--limit", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def configure(repository: Repository, url: str) -> None:
    """Have the repository speak to the server at a URL."""
    file = repository.root / "reconciler.toml"
    file.write_text(re.sub(r'(?m)^api = ".*"$', f'api = "{url}"', file.read_text(encoding="utf-8")), encoding="utf-8")


def ledger(repository: Repository) -> list[dict[str, Any]]:
    """Return everything that the repository's sandbox has seen."""
    shown = repository.run("sandbox", "show", "--ledger", "--format", "json").stdout
    entries: list[dict[str, Any]] = json.loads(shown)["ledger"]
    return entries


def record(sent: list[dict[str, Any]], recording: Path) -> None:
    """Write down what the ledger saw, to be sent again by `floors/replay.py`."""
    recording.write_text(json.dumps({"key": "sandbox-key", "chains": _chains(sent)}), encoding="utf-8")


def _chains(entries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put the requests that concern one sequence together, in their order."""
    chains: dict[str, list[dict[str, Any]]] = {}
    names = {entry["sequence_id"]: entry["custom_id"] for entry in entries if entry["sequence_id"] is not None}
    for entry in entries:
        # A look-up that found nothing names no sequence, only what it looked for.
        looked_for = _PER_SEQUENCE.match(entry["path"])
        name = names.get(entry["sequence_id"]) or (looked_for[1] if looked_for else "")
        request = {"id": entry["sequence_id"]} | {key: entry[key] for key in ("method", "path", "body", "status")}
        chains.setdefault(name, []).append(request)
    return list(chains.values())
