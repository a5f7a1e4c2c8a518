"""Two zygotes for all trials, benches on them, and a table of what was struck where, which ends the tests' output."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.kills.kill_bench import Bench
from tests.kills.kill_door import Zygote
from tests.kills.kill_plots import PLOTS

# Counts strikes: (which, at what moment).
_TALLY = pytest.StashKey[Counter[tuple[str, str]]]()


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Counter[tuple[str, str]]:
    return request.config.stash.setdefault(_TALLY, Counter())


@pytest.fixture(scope="session")
def zygotes() -> Iterator[list[Zygote]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Zygote())) for _ in range(2)]


@pytest.fixture
def benches(
    zygotes: list[Zygote], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Bench, ...]]]:
    """Make a bench on each zygote for one plot."""
    with ExitStack() as stack:

        def make(plot: str, **options: Any) -> tuple[Bench, ...]:
            made = (Bench(tmp_path_factory.mktemp("bench"), PLOTS[plot], zygote, **options) for zygote in zygotes)
            return tuple(stack.enter_context(closing(bench)) for bench in made)

        yield make


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how often which moment was struck."""
    tally = config.stash.get(_TALLY, None)
    if not tally:
        return
    terminalreporter.section("strikes by moment")
    kinds = sorted({kind for kind, _ in tally})
    totals = [sum(count for (each, _), count in tally.items() if each == kind) for kind in kinds]
    for name, counts in [("all", totals)] + [
        (moment, [tally[kind, moment] for kind in kinds]) for moment in sorted({moment for _, moment in tally})
    ]:
        shown = "  ".join(f"{count:5} {kind}" for kind, count in zip(kinds, counts, strict=True) if count)
        terminalreporter.line(f"{name:28} {shown}")
