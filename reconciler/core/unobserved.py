"""Telling nobody: what stands in the place of telemetry wherever none was asked for (a Telemetry of the ports)."""

from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from reconciler.model.metrics import Attributes, Metric  # the table of them is for those who listen


class _Unseen:
    """A span that nobody sees."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def rename(self, name: str) -> None:
        """Do nothing."""

    def put(self, attributes: "Attributes") -> None:
        """Do nothing."""

    def fail(self, kind: str) -> None:
        """Do nothing."""


_UNSEEN: Final = _Unseen()


class Unobserved:
    """Telemetry that goes nowhere, and costs next to nothing."""

    listens = False

    def span(self, name: str, attributes: "Attributes | None" = None, *, calls: bool = False) -> _Unseen:
        """Return the span that nobody sees."""
        del name, attributes, calls
        return _UNSEEN

    def tell(self, metric: "Metric", value: float, attributes: "Attributes | None" = None) -> None:
        """Do nothing."""

    def begin(self) -> None:
        """Do nothing."""

    def passed(self) -> float | None:
        """Return None: no time is counted."""
        return None


UNOBSERVED: Final = Unobserved()
