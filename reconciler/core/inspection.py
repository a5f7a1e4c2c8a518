"""All that is looked at in what manifests ask for once it has passed the schema."""

from collections.abc import Mapping
from typing import Any

from reconciler.core.audience import check_audience
from reconciler.core.conditions import check_conditions
from reconciler.model.diagnostic import Finding
from reconciler.model.sequence import Instructions


def inspect(payload: Mapping[str, Any], instructions: Instructions) -> tuple[Finding, ...]:
    """Return what is wrong with a payload; a field of it that did not pass the schema is not there."""
    return (*check_conditions(payload), *check_audience(payload, instructions))
