"""Texts of a document that are shown: each is looked at when it is read back, since anybody may have written it."""

from typing import Any

from reconciler.core.fleet.words import LABEL, NAME


def shown_name(value: Any) -> str:
    """Return the name of a fleet or an organisation; ValueError for anything else."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError(value)
    return value


def shown_label(value: Any) -> str:
    """Return what is a label; ValueError for anything else."""
    if not isinstance(value, str) or not LABEL.fullmatch(value):
        raise ValueError(value)
    return value


def shown_text(value: Any) -> str:
    """Return what is a text; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value
