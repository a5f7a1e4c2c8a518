"""Whether telemetry is asked for, by the variables that OpenTelemetry defines: never by a file of the repository.

A pull request can change files, and could have others told of the work; the variables are the operator's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from reconciler.adapters.telemetry.mentioned import ENDPOINT, is_mentioned

_DISABLED: Final = "OTEL_SDK_DISABLED"
_OURS: Final = "otlp"
_PROTOCOL: Final = "http/protobuf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One kind of telemetry: the variable that asks for it, and the host that it is sent to."""

    variable: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; None where it is not. `trouble` is why nothing of it can be sent, in one sentence."""

    traces: Signal | None = None
    metrics: Signal | None = None
    trouble: str | None = None

    @property
    def variable(self) -> str:
        """The variable that asks for it."""
        return next((each.variable for each in (self.traces, self.metrics) if each is not None), ENDPOINT)

    @property
    def hosts(self) -> str:
        """Whom it is sent to, for people: hosts alone, since an address may hold a password."""
        return " and ".join(sorted({each.host for each in (self.traces, self.metrics) if each is not None}))


def asked_for(variables: Mapping[str, str]) -> Asked | None:
    """Return what the variables ask for; None where that is nothing."""
    if not is_mentioned(variables) or variables.get(_DISABLED, "").strip().lower() == "true":
        return None
    try:
        traces, metrics = (_signal(kind, variables) for kind in ("TRACES", "METRICS"))
    except ValueError as error:
        return Asked(trouble=str(error))
    return Asked(traces=traces, metrics=metrics) if traces or metrics else None


def _signal(kind: str, variables: Mapping[str, str]) -> Signal | None:
    """Return one kind; ValueError where what the variables say cannot be done."""
    exporters = [each.strip().lower() for each in variables.get(f"OTEL_{kind}_EXPORTER", "").split(",") if each.strip()]
    variable = next(
        (name for name in (f"OTEL_EXPORTER_OTLP_{kind}_ENDPOINT", ENDPOINT) if variables.get(name, "").strip()), None
    )
    if variable is None or (exporters and _OURS not in exporters):
        return None
    for name in (f"OTEL_EXPORTER_OTLP_{kind}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if asked := variables.get(name, "").strip():
            if asked != _PROTOCOL:
                raise ValueError(f"{name} is not `{_PROTOCOL}`, the only protocol that is spoken here")
            break
    return Signal(variable=variable, host=_host(variable, variables[variable]))


def _host(variable: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{variable} is no address: it must begin with http:// or https:// and name a host")
    return host if port is None else f"{host}:{port}"
