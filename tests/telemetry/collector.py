"""An OpenTelemetry collector as far as a test needs one: it takes OTLP over HTTP, and keeps what it was sent."""

import gzip
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

ERROR = 2  # the code of a span's status
PATIENCE = 60.0  # seconds after which what has not come is missing


@dataclass(frozen=True)
class Span:
    name: str
    id: bytes
    parent: bytes
    trace: bytes
    kind: int
    attributes: dict[str, Any]
    is_error: bool
    began: int
    ended: int


@dataclass(frozen=True)
class Point:
    metric: str
    unit: str
    attributes: dict[str, Any]
    value: float
    count: int = 1


@dataclass
class Collector:
    """`held` keeps every request until the test ends, as a collector does that hangs; `status` is what it answers.

    `asked` is set once a request has come.
    """

    spans: list[Span] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    status: int = 200
    held: threading.Event | None = None
    asked: threading.Event = field(default_factory=threading.Event)
    taken: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Self:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.asked.set()
                if collector.held is not None:
                    collector.held.wait()
                    self.close_connection = True
                    return
                with collector.taken:
                    collector.take(self.path, dict(self.headers), body)
                    collector.taken.notify_all()
                self.send_response(collector.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        if self.held is not None:
            self.held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.requests.append((path, headers))
        self.bodies.append(body)
        if self.status != 200:
            return
        if path == "/v1/traces":
            sent = ExportTraceServiceRequest.FromString(body)
            for group in sent.resource_spans:
                self.resources.append(plain(group.resource.attributes))
                self.spans += [span_of(each) for scope in group.scope_spans for each in scope.spans]
        else:
            assert path == "/v1/metrics", path
            measured = ExportMetricsServiceRequest.FromString(body)
            for resource in measured.resource_metrics:
                self.resources.append(plain(resource.resource.attributes))
                for within in resource.scope_metrics:
                    for metric in within.metrics:
                        self.points += points_of(metric)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until what has come fulfils a condition."""
        with self.taken:
            assert self.taken.wait_for(condition, PATIENCE), [each.name for each in self.spans]

    # --- what a test asks -----------------------------------------------------------------------------------------

    def named(self, name: str) -> list[Span]:
        return [each for each in self.spans if each.name == name]

    def one(self, name: str) -> Span:
        (span,) = self.named(name)
        return span

    def calls(self) -> list[Span]:
        """The requests, in the order in which they began."""
        return sorted((each for each in self.spans if each.kind == 3), key=lambda each: each.began)

    def way(self, span: Span) -> list[str]:
        """The names from the root down to a span."""
        by_id = {each.id: each for each in self.spans}
        names = [span.name]
        while span.parent:
            span = by_id[span.parent]
            names.append(span.name)
        return names[::-1]

    def sums(self, metric: str, *keys: str) -> Counter[tuple[Any, ...]]:
        """The last values of a metric, added up by some of its attributes."""
        found: Counter[tuple[Any, ...]] = Counter()
        for attributes, point in self.last(metric).items():
            found[tuple(dict(attributes).get(key) for key in keys)] += point.value  # type: ignore[assignment]
        return found

    def last(self, metric: str) -> dict[frozenset[tuple[str, Any]], Point]:
        return {frozenset(each.attributes.items()): each for each in self.points if each.metric == metric}


def plain(attributes: Any) -> dict[str, Any]:
    return dict(map(value_of, attributes))


def value_of(pair: KeyValue) -> tuple[str, Any]:
    return pair.key, getattr(pair.value, str(pair.value.WhichOneof("value")))


def span_of(each: Any) -> Span:
    return Span(
        name=each.name,
        id=each.span_id,
        parent=each.parent_span_id,
        trace=each.trace_id,
        kind=each.kind,
        attributes=plain(each.attributes),
        is_error=each.status.code == ERROR,
        began=each.start_time_unix_nano,
        ended=each.end_time_unix_nano,
    )


def points_of(metric: Any) -> Iterator[Point]:
    kind = metric.WhichOneof("data")
    for each in getattr(metric, kind).data_points:
        attributes = plain(each.attributes)
        if kind == "histogram":
            yield Point(metric.name, metric.unit, attributes, each.sum, each.count)
        else:
            yield Point(metric.name, metric.unit, attributes, getattr(each, each.WhichOneof("value")))
