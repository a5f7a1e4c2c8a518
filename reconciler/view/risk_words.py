"""What each class of risk means, in the words of the page about it (`docs/risk.md`)."""

from typing import Final

from reconciler.model.risk import RiskClass

MEANINGS: Final = {
    RiskClass.R0: "no recipient notices",
    RiskClass.R1: "copy of messages",
    RiskClass.R2: "timing",
    RiskClass.R3: "audience, sender or channel",
    RiskClass.R4: "wider live audience, everyone, consent, a cancel, or steps new or moved in what may be running",
}
