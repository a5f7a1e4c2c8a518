"""What is counted and measured of the tool's work, for whoever has it sent to a telemetry system (docs/observing.md).

Each metric names the only attributes that it may have, beside the environment: their values come from short lists of
our own, so that nobody's data can make the number of series grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Attribute: TypeAlias = str | int | float | bool
Attributes: TypeAlias = Mapping[str, Attribute]

# On everything that concerns one organisation; that of a fleet is `FLEET/ORGANISATION`.
ENVIRONMENT: Final = "reconciler.environment"


class Kind(StrEnum):
    """How values of a metric add up: counted, spread over buckets, or the newest one alone."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; `unit` is UCUM's, `bounds` are those of a histogram's buckets."""

    name: str
    kind: Kind
    unit: str
    says: str
    attributes: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


_SHORT: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LONG: Final = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0)

REQUESTS: Final = Metric(
    name="reconciler.requests",
    kind=Kind.COUNTER,
    unit="{request}",
    says="requests to the API, each try of them",
    attributes=("http.request.method", "url.template", "reconciler.status_class"),
)
REQUEST_DURATION: Final = Metric(
    name="reconciler.request.duration",
    kind=Kind.HISTOGRAM,
    unit="s",
    says="how long the API took to answer",
    attributes=("http.request.method",),
    bounds=_SHORT,
)
LIMITED: Final = Metric(
    name="reconciler.requests.limited", kind=Kind.COUNTER, unit="{request}", says="answers 429: over the API's limit"
)
RETRIES: Final = Metric(
    name="reconciler.retries",
    kind=Kind.COUNTER,
    unit="{request}",
    says="requests that were sent once more",
    attributes=("reconciler.wait.reason",),
)
WAITS: Final = Metric(
    name="reconciler.wait.duration",
    kind=Kind.HISTOGRAM,
    unit="s",
    says="how long a request waited before it left",
    attributes=("reconciler.wait.reason",),
    bounds=_LONG,
)
PLANNED: Final = Metric(
    name="reconciler.plan.changes",
    kind=Kind.GAUGE,
    unit="{sequence}",
    says="sequences of the newest plan by what becomes of them",
    attributes=("reconciler.action",),
)
PLANNED_RISK: Final = Metric(
    name="reconciler.plan.risk",
    kind=Kind.GAUGE,
    unit="{sequence}",
    says="changes of the newest plan by class of risk",
    attributes=("reconciler.risk",),
)
OUTCOMES: Final = Metric(
    name="reconciler.outcomes",
    kind=Kind.COUNTER,
    unit="{change}",
    says="changes that were to be carried out, by how they ended",
    attributes=("reconciler.action", "reconciler.status"),
)
CONVERGENCE: Final = Metric(
    name="reconciler.convergence.duration",
    kind=Kind.HISTOGRAM,
    unit="s",
    says="from the beginning of planning to the last outcome seen as applied",
    attributes=("reconciler.complete",),
    bounds=_LONG,
)
COVERAGE: Final = Metric(
    name="reconciler.drift.coverage",
    kind=Kind.GAUGE,
    unit="1",
    says="share of what is recorded that was looked at",
    attributes=("reconciler.within",),
)
OLDEST_LOOK: Final = Metric(
    name="reconciler.drift.oldest_look",
    kind=Kind.GAUGE,
    unit="s",
    says="age of the look at the sequence that was left alone the longest; absent while some were never looked at",
)
STANDING: Final = Metric(
    name="reconciler.drift.sequences",
    kind=Kind.GAUGE,
    unit="{sequence}",
    says="sequences of the newest look by what it found",
    attributes=("reconciler.standing",),
)
METRICS: Final = (
    REQUESTS,
    REQUEST_DURATION,
    LIMITED,
    RETRIES,
    WAITS,
    PLANNED,
    PLANNED_RISK,
    OUTCOMES,
    CONVERGENCE,
    COVERAGE,
    OLDEST_LOOK,
    STANDING,
)
