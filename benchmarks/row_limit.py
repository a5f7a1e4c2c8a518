"""The rows about the limit: 1,000 updates at 1,000 requests a second, as the server's ledger saw them arrive."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from benchmarks.context import Context
from benchmarks.measure import Series
from benchmarks.repository import Repository
from benchmarks.row_apply import configure, ledger, record, served
from benchmarks.table import Row

_SECONDS: Final = 1.0
# The first requests are free, since nothing was sent before them, and the last ones come as they are left over.
_BUSY: Final = (0.1, 0.9)


def at_the_limit(context: Context) -> Iterator[Row]:
    """Compare how long the busy middle of an apply takes with how long the limit makes it take at least.

    A second row has what the machine allows: the same requests to the same server, from a bare client that knows no
    limit and keeps nothing. Where that takes longer than the limit does, nobody could reach the limit here.
    RuntimeError where any window holds more requests than the limit allows.
    """
    count = limit = context.size(1_000)
    repository = Repository.create(context.folder / "limit", count, api=context.silence.url)
    taken: list[float] = []
    least: list[float] = []
    bare: list[float] = []
    recording = context.folder / "limit.json"
    with served(repository) as url:
        configure(repository, url)
        repository.run("apply", "--yes", key=True)
        _limit(repository, limit)
        for revision in range(2, 2 + context.runs):
            repository.revise(count, revision)
            before = len(ledger(repository))
            # Planned offline: what is timed is applying alone, without the reads and the deciding before it.
            repository.run("apply", "--yes", "--refresh", "none", key=True)
            sent = ledger(repository)[before:]
            most = _most_in_a_window(_times(sent))
            if most > limit:
                raise RuntimeError(f"{most} requests arrived within {_SECONDS:g} s; the limit is {limit}")
            busy = _busy(sent)
            taken.append(busy[-1] - busy[0])
            least.append((len(busy) - 1) / limit * _SECONDS)
            record(sent, recording)
            context.floor("replay", recording, url)
            busy = _busy(ledger(repository)[before + len(sent) :])
            bare.append(busy[-1] - busy[0])
    yield Row(
        what=f"{count:,} updates at {limit:,} requests a second",
        ours=Series(tuple(taken)),
        floor=Series(tuple(least)),
        unit="s",
        floor_is="what the limit allows",
        bound=round(1 / 0.95, 3),
        judged=not context.quick,
    )
    yield Row(
        what="the same",
        ours=Series(tuple(taken)),
        floor=Series(tuple(bare)),
        unit="s",
        floor_is="bare httpx, the same requests without a limit",
    )


def _limit(repository: Repository, requests: int) -> None:
    file = repository.root / "reconciler.toml"
    limited = f"rate_limit = {{ requests = {requests}, seconds = {_SECONDS:g} }}"
    file.write_text(re.sub(r"(?m)^rate_limit = .*$", limited, file.read_text(encoding="utf-8")), encoding="utf-8")


def _times(entries: Sequence[dict[str, Any]]) -> list[float]:
    return sorted(entry["time"] for entry in entries)


def _busy(entries: Sequence[dict[str, Any]]) -> list[float]:
    """Return the moments of the busy middle, in their order."""
    times = _times(entries)
    first, last = (int(len(times) * part) for part in _BUSY)
    return times[first : last + 1]


def _most_in_a_window(times: Sequence[float]) -> int:
    """Return how many of the moments, in their order, lie in one window, wherever it begins."""
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] >= _SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most
