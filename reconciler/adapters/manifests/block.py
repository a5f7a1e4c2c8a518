"""What a manifest's `reconciler` block says to the tool."""

from typing import Any

from reconciler.model.sequence import NO_INSTRUCTIONS, HandOff, Instructions, Retire


def instructions_of(block: Any) -> Instructions:
    """Return what a checked `reconciler` block says."""
    if not isinstance(block, dict) or not block:
        return NO_INSTRUCTIONS
    ignored = tuple(block.get("ignore") or ())
    return Instructions(
        audience=block.get("audience"),
        ignore=tuple(each["path"] if isinstance(each, dict) else each for each in ignored),
        hand_offs=tuple(
            HandOff(position=position, pointer=each["path"], reason=each["reason"], until=each.get("until"))
            for position, each in enumerate(ignored)
            if isinstance(each, dict)
        ),
        renamed_from=block.get("renamed_from"),
        owner=block.get("owner"),
        retire=Retire(block["retire"]) if block.get("retire") in tuple(Retire) else None,
        labels=_labels(block.get("only")),
    )


def _labels(only: Any) -> tuple[str, ...]:
    listed = only.get("labels") if isinstance(only, dict) else None
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
