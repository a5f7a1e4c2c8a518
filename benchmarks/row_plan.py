"""Rows about reading and planning: nothing changed, memory, validating, and a tenth changed."""

from collections.abc import Iterator
from typing import Final

from benchmarks.context import Context
from benchmarks.measure import Ended, Series, interleaved
from benchmarks.repository import Repository
from benchmarks.table import Row, growth

_PLAN: Final = ("plan", "--refresh", "none", "--detailed-exitcode")
_PARSING: Final = "CSafeLoader, parsing alone"
_DIFFERENCES: Final = 2


def nothing_changed(context: Context) -> Iterator[Row]:
    """Compare a whole `plan` that finds nothing to do with nothing but parsing the same bytes in one process."""
    for count in map(context.size, (1_000, 10_000)):
        repository = context.recorded(count)
        yield from _nothing_changed(context, repository, f"plan, nothing changed, {count:,}", cold=False)
        yield from _nothing_changed(context, repository, f"plan, nothing remembered, {count:,}", cold=True)


def _nothing_changed(context: Context, repository: Repository, what: str, *, cold: bool) -> Iterator[Row]:
    ours_cpu: list[float] = []
    floor_cpu: list[float] = []

    def plan() -> float:
        ended = _nothing_to_do(context, repository, cold=cold)
        ours_cpu.append(ended.cpu)
        return ended.seconds

    def parse() -> float:
        wall, cpu = map(float, context.floor("parse_yaml", repository.manifests).stdout.split())
        floor_cpu.append(cpu)
        return wall

    ours, floor = interleaved(context.runs, plan, parse)
    bound = None if cold else 0.8
    yield Row(what=what, ours=ours, floor=floor, unit="s", floor_is=_PARSING, bound=bound, judged=not context.quick)
    yield Row(
        what=f"{what}: CPU of all processes",
        ours=Series(tuple(ours_cpu[1:])),
        floor=Series(tuple(floor_cpu[1:])),
        unit="s",
        floor_is=_PARSING,
    )


def memory(context: Context) -> Iterator[Row]:
    """Compare the peak with 400 MB, and what each manifest adds from half to all with what it adds up to half.

    Nothing is remembered here, which takes the most memory.
    """
    counts = [context.size(count) for count in (1_000, 5_000, 10_000)]
    peaks = [context.recorded(count).peak(_PLAN) for count in counts]
    yield Row(
        what=f"plan, nothing changed, {counts[2]:,}: peak memory",
        ours=Series((peaks[2],)),
        floor=Series((400.0,)),
        unit="MB",
        floor_is="the limit",
        bound=1.0,
    )
    yield growth("manifest", counts, peaks, judged=not context.quick)


def tenth_changed(context: Context) -> Iterator[Row]:
    """Compare a plan with a tenth of the manifests changed with one where nothing is: what showing fields costs."""
    count = context.size(10_000)
    same = context.recorded(count)
    changed = Repository.create(context.folder / "changed", count, api=context.silence.url).record_all()
    changed.revise(count, 2, changed=count // 10)
    ours, floor = interleaved(
        context.runs,
        lambda: changed.run(*_PLAN, expect=_DIFFERENCES, key=True).seconds,
        lambda: _nothing_to_do(context, same, cold=True).seconds,
    )
    what = f"plan, {count // 10:,} of {count:,} changed"
    yield Row(what=what, ours=ours, floor=floor, unit="s", floor_is="plan, nothing changed")


def _nothing_to_do(context: Context, repository: Repository, *, cold: bool) -> Ended:
    ended = repository.run(*_PLAN, key=True, cold=cold)
    if "Nothing to do" not in ended.stdout:
        raise RuntimeError(f"the plan was to find nothing to do:\n{ended.stdout[:2000]}")
    context.silence.check()
    return ended
