"""Whether any variable names a place for telemetry: all that a command pays for where none does."""

from collections.abc import Mapping
from typing import Final

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
ENDPOINTS: Final = (ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")


def is_mentioned(variables: Mapping[str, str]) -> bool:
    """Tell whether any variable names an endpoint."""
    return any(variables.get(name) for name in ENDPOINTS)
