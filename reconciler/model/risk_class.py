"""The classes of risk alone: settings name them, and every command reads settings."""

from enum import StrEnum


class RiskClass(StrEnum):
    """How grave a change is, gravest last: nobody notices, copy, timing, audience or sender or channel, and the rest.

    R4 is a wider audience of a sequence that is live, everyone, consent, and steps inserted or moved in an active one.
    """

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
