"""Rows and the table that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.measure import Series

_HEADINGS: Final = ("what", "ours", "floor", "ratio", "at best", "bound", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. `bound` is the largest ratio that is allowed; without one the row is only for information.

    `judged` is False where the sizes are too small for the bound to mean anything.
    """

    what: str
    ours: Series
    floor: Series
    unit: str
    floor_is: str
    bound: float | None = None
    judged: bool = True

    @property
    def ratio(self) -> float:
        """Median to median."""
        return self.ours.middle / self.floor.middle

    @property
    def at_best(self) -> float:
        """Minimum to minimum."""
        return self.ours.best / self.floor.best

    @property
    def missed(self) -> bool:
        """Tell whether the bound is exceeded, and counts."""
        return self.bound is not None and self.judged and self.ratio > self.bound

    @property
    def verdict(self) -> str:
        """The last column."""
        if self.bound is None:
            return ""
        if not self.judged:
            return "not judged"
        return "MISSED" if self.missed else "ok"

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        bound = "" if self.bound is None else f"<= {self.bound:g}"
        floor = f"{_figure(self.floor.middle, self.unit)}  {self.floor_is}"
        ours = _figure(self.ours.middle, self.unit)
        return (self.what, ours, floor, f"{self.ratio:.2f}", f"{self.at_best:.2f}", bound, self.verdict)


def growth(of: str, counts: Sequence[int], peaks: Sequence[float], *, judged: bool) -> Row:
    """Compare what each of the last ones adds to the peak with what each of the middle ones adds; peaks are in MB."""
    (low, middle, high), (least, half, most) = peaks, counts
    first, second = (middle - low) / (half - least), (high - middle) / (most - half)
    return Row(
        what=f"memory of each {of}, {half:,} to {most:,}",
        ours=Series((second * 1024,)),
        floor=Series((max(first, 0.001) * 1024,)),
        unit="KB",
        floor_is=f"{least:,} to {half:,}",
        bound=1.2,
        judged=judged,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A comparison that could not be made, and why: it is shown, so that nobody takes its absence for success."""

    what: str
    why: str
    missed: bool = False

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        return (self.what, "", self.why, "", "", "", "not measured")


def table(rows: Sequence[Row | Missing]) -> str:
    """Draw the rows with columns as wide as they need to be."""
    lines = [_HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _figure(value: float, unit: str) -> str:
    if unit == "s":
        return (
            f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms" if value >= 0.01 else f"{value * 1e6:.0f} us"
        )
    return f"{value:.2f} {unit}" if value < 10 else f"{value:.0f} {unit}"
