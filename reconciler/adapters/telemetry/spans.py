"""The telemetry of one organisation, told to OpenTelemetry (a Telemetry of the ports)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from reconciler.adapters.telemetry.otlp import Sending
from reconciler.model.metrics import ENVIRONMENT, Attributes, Metric

_CONTEXT: Final = TraceContextTextMapPropagator()


class OtlpSpan:
    """A span that is sent (a Span of the ports)."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._span.update_name(name)

    def put(self, attributes: Attributes) -> None:
        """Say more of it."""
        self._span.set_attributes(attributes)

    def fail(self, kind: str) -> None:
        """Mark it as failed."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR, kind))


class OtlpTelemetry:
    """What is told of one environment; None where it is about none."""

    listens = True

    def __init__(self, sending: Sending, environment: str | None) -> None:
        self._sending = sending
        self._attributes = {} if environment is None else {ENVIRONMENT: environment}
        self._began: float | None = None

    @contextmanager
    def span(self, name: str, attributes: Attributes | None = None, *, calls: bool = False) -> Iterator[OtlpSpan]:
        """Tell of the work inside the block. What an exception says may hold anything: only its type is told."""
        kind = SpanKind.CLIENT if calls else SpanKind.INTERNAL
        with self._sending.tracer.start_as_current_span(
            name,
            kind=kind,
            attributes={**self._attributes, **(attributes or {})},
            record_exception=False,
            set_status_on_exception=False,
        ) as begun:
            span = OtlpSpan(begun)
            try:
                yield span
            except BaseException as error:
                span.fail(type(error).__name__)
                raise

    def tell(self, metric: Metric, value: float, attributes: Attributes | None = None) -> None:
        """Count or measure once, with no attributes but the metric's own."""
        given = attributes or {}
        allowed = {name: given[name] for name in metric.attributes if name in given}
        with suppress(Exception):  # whatever goes wrong with telemetry is no trouble of the work
            self._sending.record(metric.name, value, {**self._attributes, **allowed})

    def begin(self) -> None:
        """Count the time from now on."""
        self._began = time.monotonic()

    def passed(self) -> float | None:
        """Return how many seconds have passed since."""
        return None if self._began is None else time.monotonic() - self._began


def traceparent() -> str | None:
    """Return what a process elsewhere needs to go on with the trace of this thread; None outside of any."""
    carrier: dict[str, str] = {}
    _CONTEXT.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def following(parent: str | None) -> Iterator[None]:
    """Have what is told inside the block be a part of the trace that somebody else has begun."""
    if parent is None:
        yield
        return
    token = attach(_CONTEXT.extract({"traceparent": parent}))
    try:
        yield
    finally:
        detach(token)
