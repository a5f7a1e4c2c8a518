"""The schema of a request's body, exactly as published: as open, as lenient, and as loose about what is required."""

from reconciler.adapters.schemas.contract import Contract
from reconciler.adapters.schemas.schema import DIALECT, Schema


def request_schema(contract: Contract) -> Schema:
    """Return the published schema of a write's body as one document that refers to nothing outside itself."""
    return {
        "$schema": DIALECT,
        "title": "OpenCX sequence, body of a write",
        **contract.body,
        "$defs": contract.components,
    }
