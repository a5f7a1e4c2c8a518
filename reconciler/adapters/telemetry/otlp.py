"""OpenTelemetry's SDK, set up to send over HTTP in the background, and to be done in time whatever the collector does.

Imported only where telemetry is asked for: it is an optional extra, and costs 0.15 s. Nothing global of the SDK is set.
"""

import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider, _Gauge
from opentelemetry.sdk.metrics.export import MetricExportResult, MetricsData, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import NoOpTracer, Tracer

from reconciler import __version__
from reconciler.adapters.telemetry.asked import Asked
from reconciler.model.metrics import METRICS, Kind

NAME: Final = "reconciler"
# Spans that wait to be sent; more than that are dropped, so that a collector that hangs costs no memory without end.
_MOST_WAITING: Final = 8192
# Seconds of one wait: a signal that comes right before one begins is only seen once it is over.
_SLICE: Final = 0.1
# Series of one metric. The SDK's own bound of 2,000 is less than a fleet of a thousand organisations has.
_MOST_SERIES: Final = 200_000


class _Overheard(logging.Handler):
    """The SDK's own words, which go nowhere else: they may quote a header. What is kept is why it last failed."""

    trouble: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        for each in record.args if isinstance(record.args, tuple) else ():
            if isinstance(each, OSError):  # what all failures of a connection are
                self.trouble = "cannot be reached"
            elif isinstance(each, int) and 400 <= each < 600:  # an HTTP error
                self.trouble = f"answered {each}"


class _Losses:
    """Whether anything could not be sent."""

    any = False


class _Spans(OTLPSpanExporter):
    """Sends spans, and remembers that some could not be."""

    losses: _Losses

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        self.losses.any |= result is not SpanExportResult.SUCCESS
        return result


class _Measurements(OTLPMetricExporter):
    """Sends metrics, and remembers that some could not be."""

    losses: _Losses

    def export(
        self, metrics_data: MetricsData, timeout_millis: float | None = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        result = super().export(metrics_data, timeout_millis, **kwargs)
        self.losses.any |= result is not MetricExportResult.SUCCESS
        return result


class _Batches(SpanProcessor):
    """Spans in batches, sent by a thread that is there from the first span that ends.

    Not sooner: a process reads manifests twice as fast while it has one thread and may fork.
    """

    def __init__(self, exporter: _Spans) -> None:
        self._exporter = exporter
        self._lock = threading.Lock()
        self._batches: BatchSpanProcessor | None = None

    def on_end(self, span: ReadableSpan) -> None:
        with self._lock:
            if self._batches is None:
                waiting = None if os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE") else _MOST_WAITING
                self._batches = BatchSpanProcessor(self._exporter, max_queue_size=waiting)
        self._batches.on_end(span)

    def shutdown(self) -> None:
        if self._batches is not None:
            self._batches.shutdown()  # type: ignore[no-untyped-call]


class Sending:
    """What this process sends, and how it comes to an end."""

    def __init__(self, asked: Asked) -> None:
        """Set up what is asked for; raises what the SDK makes of variables that it cannot use."""
        self._asked = asked
        self._overheard = _Overheard()
        self._losses = _Losses()
        self._ends: list[tuple[Any, Any]] = []
        self._lock = threading.Lock()
        self._instruments: dict[str, Any] | None = None
        _hush(self._overheard)
        named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        self._resource = Resource.create({SERVICE_VERSION: __version__, **({} if named else {SERVICE_NAME: NAME})})
        self.tracer: Tracer = NoOpTracer()
        if asked.traces is not None:
            exporter = _Spans()
            exporter.losses = self._losses
            provider = TracerProvider(resource=self._resource, shutdown_on_exit=False)
            provider.add_span_processor(_Batches(exporter))
            self._ends.append((provider.shutdown, exporter.shutdown))
            self.tracer = provider.get_tracer(NAME, __version__)

    def record(self, name: str, value: float, attributes: dict[str, Any]) -> None:
        """Count or measure once, with a metric of METRICS."""
        if self._asked.metrics is None:
            return
        with self._lock:
            if self._instruments is None:
                self._instruments = self._measured()
            instrument = self._instruments.get(name)
        if instrument is None:
            return
        if isinstance(instrument, Histogram):
            instrument.record(value, attributes)
        elif isinstance(instrument, Counter):
            instrument.add(value, attributes)
        else:
            instrument.set(value, attributes)

    def end(self, seconds: float) -> str | None:
        """Send what is left, and wait for that at most so long; return what went wrong, in one sentence."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=_ended, args=(finish,), daemon=True) for finish, _ in self._ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive() and (left := until - time.monotonic()) > 0:
                thread.join(min(left, _SLICE))
        late = any(thread.is_alive() for thread in threads)
        if late:
            for _, give_up in self._ends:
                threading.Thread(target=_ended, args=(give_up,), daemon=True).start()
        if not late and not self._losses.any:
            return None
        why = self._overheard.trouble or f"did not take it in {seconds:g} s"
        return f"not all telemetry was sent: {self._asked.hosts} {why}; the work itself is not affected"

    def _measured(self) -> dict[str, Any]:
        """Set metrics up, once: where that fails it is told at the end, and not tried again."""
        try:
            return self._measuring()
        except Exception as error:  # noqa: BLE001 - the SDK raises anything for a variable that it cannot use
            self._losses.any = True
            self._overheard.trouble = f"is sent no metrics, since they cannot be set up ({type(error).__name__})"
            return {}

    def _measuring(self) -> dict[str, Any]:
        exporter = _Measurements()
        exporter.losses = self._losses
        limits: Any = dict.fromkeys((Counter, Histogram, _Gauge), _MOST_SERIES)
        reader = PeriodicExportingMetricReader(exporter, cardinality_limits=limits)
        provider = MeterProvider([reader], resource=self._resource, shutdown_on_exit=False)
        self._ends.append((provider.shutdown, exporter.shutdown))
        meter = provider.get_meter(NAME, __version__)
        made: dict[str, Any] = {}
        for each in METRICS:
            match each.kind:
                case Kind.COUNTER:
                    made[each.name] = meter.create_counter(each.name, each.unit, each.says)
                case Kind.HISTOGRAM:
                    made[each.name] = meter.create_histogram(
                        each.name, each.unit, each.says, explicit_bucket_boundaries_advisory=each.bounds
                    )
                case Kind.GAUGE:
                    made[each.name] = meter.create_gauge(each.name, each.unit, each.says)
        return made


def _ended(end: Any) -> None:
    with suppress(Exception):  # whatever goes wrong with telemetry is no trouble of the work
        end()


def _hush(handler: logging.Handler) -> None:
    """Have the SDK's own words go to `handler` alone: Python would write them to stderr."""
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [handler]
    logger.propagate = False
