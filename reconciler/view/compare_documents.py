"""How two environments differ, for programs."""

from typing import Any

from reconciler.core.compare import Comparison, Difference
from reconciler.model.change import FieldChange
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.pointer import to_pointer


def compare_document(comparison: Comparison) -> dict[str, Any]:
    """Return the whole comparison; the key of an absent value is left out."""
    return {
        "format_version": FORMAT_VERSION,
        "first": comparison.first,
        "second": comparison.second,
        "summary": {
            "different": len(comparison.differences),
            "only_in_first": len(comparison.only_in_first),
            "only_in_second": len(comparison.only_in_second),
            "same": comparison.same,
        },
        "differences": [_difference(each) for each in comparison.differences],
        "only_in_first": list(comparison.only_in_first),
        "only_in_second": list(comparison.only_in_second),
        "unsettled_in_first": list(comparison.unsettled_in_first),
        "unsettled_in_second": list(comparison.unsettled_in_second),
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "custom_id": each.custom_id,
        "first_id": each.first_id,
        "second_id": each.second_id,
        "fields": [_field(field) for field in each.fields],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    values = {"first": field.recorded, "second": field.desired}
    return {"path": to_pointer(field.path), **{key: each for key, each in values.items() if each is not ABSENT}}
