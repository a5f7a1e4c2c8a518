"""Planted bugs in what a plan says of recipients: claims that do not hold, classes that are too low."""

from collections.abc import Iterator
from typing import Final

from tests.planted.planting import Bug

_FILTERS: Final = ("tests/core/test_core_filters_sound.py", "tests/core/test_core_filters.py")
_RISK: Final = (
    "tests/core/test_core_risk.py",
    "tests/core/test_core_assessment.py",
    "tests/core/test_core_reach.py",
)
_ALIGNED: Final = ("tests/core/test_core_alignment.py",)
_COMPARED: Final = ("tests/core/test_core_plan_document.py", "tests/scenarios/test_decisions.py")

ALGEBRA: Final = "reconciler/core/filters/algebra.py"
READING: Final = "reconciler/core/filters/reading.py"
WITNESSES: Final = "reconciler/core/filters/witnesses.py"


def risk() -> Iterator[Bug]:
    """Yield what would call an audience smaller, or a change less grave, than it is."""
    yield from _of_filters()
    yield from _of_classes()


def _of_filters() -> Iterator[Bug]:
    yield Bug(
        name="call-a-longer-list-narrower",
        file=ALGEBRA,
        old="given.elements <= asked.elements",
        new="given.elements >= asked.elements",
        tests=_FILTERS,
    )
    yield Bug(
        name="compare-two-lists-of-different-kinds",
        file=ALGEBRA,
        old="            return given.kind == asked.kind and given.elements",
        new="            return given.elements",
        tests=_FILTERS,
    )
    yield Bug(
        name="call-lists-of-e-mails-disjoint",
        file=ALGEBRA,
        old="if one.kind == other.kind == IDS:",
        new="if one.kind == other.kind:",
        tests=_FILTERS,
    )
    yield Bug(
        name="tell-ids-apart-by-case",
        file=ALGEBRA,
        old="{each.casefold() for each in one.elements}.isdisjoint(each.casefold() for each in other.elements)",
        new="one.elements.isdisjoint(other.elements)",
        tests=_FILTERS,
    )
    yield Bug(
        name="believe-bounds-to-the-millisecond",
        file=ALGEBRA,
        old="GRAIN: Final = 60_000",
        new="GRAIN: Final = 0",
        tests=_FILTERS,
    )
    yield Bug(
        name="ask-only-one-condition-of-a-group",
        file=ALGEBRA,
        old="    return all(any(_implies(given, asked, holds) for given in group) for asked in other)",
        new="    return any(any(_implies(given, asked, holds) for given in group) for asked in other)",
        tests=_FILTERS,
    )
    yield Bug(
        name="take-handoffs-for-one-moment",
        file="reconciler/core/filters/conditions.py",
        old="frozenset({CREATED, CONTACTED})",
        new="frozenset({CREATED, CONTACTED, HANDED_OFF})",
        tests=_FILTERS,
    )
    yield Bug(
        name="forget-that-a-named-sequence-moves",
        file=ALGEBRA,
        old="given.key == asked.key and holds(given.key)",
        new="given.key == asked.key",
        tests=_FILTERS,
    )
    yield Bug(
        name="skip-groups-that-name-a-moving-sequence",
        file=ALGEBRA,
        old="if not any(isinstance(each, Reference) for each in group)}",
        new="}",
        tests=_FILTERS,
    )
    yield Bug(
        name="believe-a-list-with-a-blank-element",
        file=READING,
        old="not isinstance(elements, list | tuple) or is_blank(elements):",
        new="not isinstance(elements, list | tuple) or not elements:",
        tests=_FILTERS,
    )
    yield Bug(
        name="believe-a-period-that-ends-before-it-begins",
        file=READING,
        old="after is not None and before is not None and after > before:\n        return",
        new="after is None and before is None:\n        return",
        tests=_FILTERS,
    )
    yield Bug(
        name="take-an-empty-and-for-known",
        file=READING,
        old="list | tuple) or not conditions:\n        return frozenset({_opaque(value)})",
        new="list | tuple) or not conditions:\n        return frozenset({Everybody()})",
        tests=_FILTERS,
    )
    yield Bug(
        name="miss-periods-that-are-everyone-together",
        file=WITNESSES,
        old="return not any(all(_judged(group, witness) is False for group in open_groups) for witness in witnesses)",
        new="return not any(any(_judged(group, witness) is False for group in open_groups) for witness in witnesses)",
        tests=(*_FILTERS, "tests/core/test_core_audience.py"),
    )


def _of_classes() -> Iterator[Bug]:
    yield Bug(
        name="believe-that-a-remembered-pending-is-pending",
        file="reconciler/core/risk.py",
        old="case SequenceStatus.PENDING if is_read:",
        new="case SequenceStatus.PENDING:",
        tests=_RISK,
    )
    yield Bug(
        name="call-a-wider-live-audience-r3",
        file="reconciler/core/risk.py",
        old="AudienceDelta.WIDER: (R4, R3, R3)",
        new="AudienceDelta.WIDER: (R3, R3, R3)",
        tests=_RISK,
    )
    yield Bug(
        name="forget-consent-in-a-new-step",
        file="reconciler/core/risk.py",
        old="        if step.after is not None and is_transactional(after",
        new="        if step.after is None and is_transactional(after",
        tests=_RISK,
    )
    yield Bug(
        name="stop-after-the-first-that-follows",
        file="reconciler/core/propagation.py",
        old="            waiting.update(_unique(naming.get(id_, ())))\n",
        new="",
        tests=_RISK,
    )
    yield Bug(
        name="forget-that-steps-can-change-whom-a-sequence-affects",
        file="reconciler/core/following.py",
        old="doubted=movements(audiences, doubtful)",
        new="doubted=movements(audiences)",
        tests=_RISK,
    )
    yield Bug(
        name="compare-with-what-was-recorded-though-live-was-read",
        file="reconciler/core/edits.py",
        old="    if isinstance(reading, Live):\n        payload",
        new="    if isinstance(reading, Live) and record is None:\n        payload",
        tests=_RISK,
    )
    yield Bug(
        name="claim-that-a-new-channel-reaches-nobody-new",
        file="reconciler/core/channels.py",
        old="    return not all(_is_among(each, were) for each in are) or not _is_among(are[0], were[:1])",
        new="    return not all(_is_among(each, were) for each in are)",
        tests=_RISK,
    )
    yield Bug(
        name="call-a-step-over-though-people-come-back",
        file="reconciler/core/reach.py",
        old="is_over = not is_continuous and not _may_revive(given)",
        new="is_over = not is_continuous",
        tests=_RISK,
    )
    yield Bug(
        name="align-steps-by-position",
        file="reconciler/core/pairing.py",
        old="    if len(rows) * len(columns) > _MOST_PAIRS:",
        new="    if len(rows) * len(columns) > 1:",
        tests=_ALIGNED,
    )
    yield Bug(
        name="pair-steps-by-likeness-though-each-has-its-equal",
        file="reconciler/core/pairing.py",
        old="    pairs = _equal([canonical(step) for step in before], [canonical(step) for step in after])\n",
        new="    pairs: list[Pair] = []\n",
        tests=_ALIGNED,
    )
    yield Bug(
        name="take-a-step-that-passed-another-for-one-that-stayed",
        file="reconciler/core/pairing.py",
        old="is_moved=becomes in origins)",
        new="is_moved=False)",
        tests=_ALIGNED,
    )
    yield Bug(
        name="apply-what-became-graver-since-it-was-reviewed",
        file="reconciler/core/codec/comparison.py",
        old='_RELIED_ON: Final = ("risk", "audience", "affected_by")',
        new="_RELIED_ON: Final = ()",
        tests=_COMPARED,
    )
    yield Bug(
        name="leave-the-renderings-out-of-the-checksum",
        file="reconciler/core/codec/plan.py",
        old='for key, value in document.items() if key != "checksum"',
        new='for key, value in document.items() if key not in ("checksum", "changes", "affected")',
        tests=_COMPARED,
    )
