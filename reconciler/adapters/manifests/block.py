"""What a manifest's `reconciler` block says to the tool."""

from typing import Any, Final

from reconciler.model.sequence import NO_INSTRUCTIONS, HandOff, Instructions, Retire

# Of every manifest: to list an enumeration would take longer than all the rest of its block.
_RETIRE: Final = {each.value: each for each in Retire}


def instructions_of(block: Any) -> Instructions:
    """Return what a checked `reconciler` block says."""
    if not isinstance(block, dict) or not block:
        return NO_INSTRUCTIONS
    ignored = tuple(block.get("ignore") or ())
    retire = block.get("retire")
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
        retire=_RETIRE.get(retire) if isinstance(retire, str) else None,
        labels=_labels(block.get("only")),
    )


def _labels(only: Any) -> tuple[str, ...]:
    listed = only.get("labels") if isinstance(only, dict) else None
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
