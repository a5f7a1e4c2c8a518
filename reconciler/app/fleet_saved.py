"""A fleet's plan that was saved, read back: whole, and as it was written."""

from collections.abc import Mapping
from typing import Any

from reconciler.app.approve import read_saved_plan
from reconciler.core.codec.plan_set import covered_by_checksum, read_failure, set_checksum, set_digest
from reconciler.core.codec.shown import shown_name, shown_text
from reconciler.core.fleet.sharding import kept_shard
from reconciler.errors import RefusedError
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.plan_set import Part, PlanSet


def read_saved_fleet(document: Mapping[str, Any]) -> PlanSet:
    """Return the plan of a fleet in a saved document; RefusedError for one that was edited, or is not whole."""
    if document.get("format_version") != FORMAT_VERSION:
        raise RefusedError(
            f"the plan has format {document.get('format_version')}; this version of reconciler knows {FORMAT_VERSION}",
            hint="plan again with this version",
        )
    try:
        parts = tuple(_part(each) for each in document["organisations"])
        fleet, only = shown_name(document["fleet"]), tuple(map(shown_text, document.get("only", ())))
        shard = kept_shard(shown_text(document["shard"])) if "shard" in document else None
        plans = PlanSet(fleet=fleet, parts=parts, digest=document["digest"], only=only, shard=shard)
        head = {key: value for key, value in document.items() if key not in ("organisations", "checksum")}
        checksum = set_checksum(head, [covered_by_checksum(each) for each in document["organisations"]])
        given = document["digest"], document["checksum"]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise RefusedError("the plan is not whole: parts of it are missing or misshapen", hint="plan again") from error
    if (set_digest(fleet, parts), checksum) != given:
        raise RefusedError(
            "the plan was edited: its digest or its checksum does not fit what it says", hint="plan again"
        )
    return plans


def _part(document: Mapping[str, Any]) -> Part:
    name = shown_name(document["name"])
    labels = tuple(map(shown_text, document["labels"]))
    if "plan" not in document:
        return Part(organisation=name, labels=labels, failure=read_failure(document["error"]))
    plan = read_saved_plan(document["plan"])
    return Part(organisation=name, labels=labels, plan=plan, digest=document["plan"]["digest"])
