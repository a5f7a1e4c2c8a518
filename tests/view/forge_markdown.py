"""What of a Markdown of ours a forge could obey."""

from collections.abc import Iterable


def outside_of_fences(lines: Iterable[str]) -> str:
    """All that stands neither in a fence nor in a code span; every fence is closed."""
    outside, fence = [], None
    for line in lines:
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence is None and len(ticks) >= 4:
            fence = ticks
        elif fence is not None and line == fence:
            fence = None
        elif fence is None:
            outside.append("".join(part for n, part in enumerate(line.split("`")) if n % 2 == 0))
    assert fence is None
    return "".join(outside)
