"""A fleet's plan for a pull request: the verdict and the outliers first, then each change once, with who has it.

Never longer than a comment may be, for a thousand organisations as for three: it gives up what changes inside each
sequence, then the sequences one by one. The verdict, what failed and what is refused always stay.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.plan_set import PlanSet
from reconciler.view.fleet import words
from reconciler.view.fleet.groups import Group, Saying, groups, sayings
from reconciler.view.markdown.details import details
from reconciler.view.markdown.fields import Depth, cut
from reconciler.view.markdown.head import SIGNS
from reconciler.view.markdown.inert import code, codes, fenced
from reconciler.view.markdown.plan import LONGEST, is_digest, within
from reconciler.view.risk_words import MEANINGS
from reconciler.view.words import counted

_MOST_NAMES: Final = 30
_MOST_SAID: Final = 20
_HEADER: Final = "| | sequence | action | risk | organisations |\n|---|---|---|---|---|"
# How far into a change each attempt goes, and what is told to be left out.
_LEVELS: Final[tuple[tuple[Depth | None, bool, str | None], ...]] = (
    (Depth(context=1, has_bodies=True), True, None),
    (Depth(context=0, has_bodies=False), True, "bodies and timelines"),
    (None, True, "what changes in each sequence"),
    (None, False, "the sequences one by one"),
)


def fleet_markdown(plans: PlanSet, *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it."""
    told = groups(plans)
    for depth, has_table, left_out in _LEVELS:
        text = within(_blocks(plans, told, depth, left_out, has_table=has_table), longest)
        if text is not None:
            return text
    raise AssertionError("counts alone are too long")


def _blocks(
    plans: PlanSet,
    told: Sequence[Group],
    depth: Depth | None,
    left_out: str | None,
    *,
    has_table: bool,
) -> Iterator[str]:
    yield _head(plans, told)
    yield from _failed(plans)
    yield from _said("Blocked by", sayings(plans))
    many, odd = [each for each in told if not each.is_odd], [each for each in told if each.is_odd]
    if has_table and many:
        yield _table(many, plans)
    if has_table and odd:
        yield f"#### Apart from the others\n\n{_table(odd, plans)}"
    if left_out is not None:
        yield f"_Too long for a comment: {left_out} are left out. The JSON plan has everything._"
    if depth is not None:
        for group in (*many, *odd):
            yield from _details(group, plans, depth)
    yield from _said("Warnings", sayings(plans, warnings=True))
    yield f"<sub>Digest <code>{plans.digest if is_digest(plans.digest) else '(misshapen)'}</code></sub>"


def _head(plans: PlanSet, told: Sequence[Group]) -> str:
    total = words.organisations(len(plans.parts))
    stopped = [(len(plans.failed), "failed"), (len(plans.refused), "refused")]
    blocked = ", ".join(f"{number:,} {word}" for number, word in stopped if number)
    outliers = sorted({name for group in told if group.is_odd for name in group.organisations})
    apart = f"{words.organisations(len(outliers))}: {codes(outliers, 10)}" if outliers else "nobody"
    return "\n".join(
        (
            f"### Plan for fleet {code(plans.fleet)}{words.part_of(plans.shard)}: {total}, {words.tally(plans)}",
            f"- **Organisations**: {words.verdict(plans)} ({words.read(plans)})",
            f"- **Risk** {SIGNS[plans.risk]} **{plans.risk.value}** ({MEANINGS[plans.risk]})",
            f"- **Apart from the others**: {apart}",
            f"- ⛔ **Blocked**: {blocked}" if blocked else "- **Blocked** by nothing",
            f"- **Costs** {words.cost(plans)}",
        )
    )


def _failed(plans: PlanSet) -> Iterator[str]:
    failures = words.failures(plans)
    if not failures:
        return
    lines: list[str] = []
    for part, names in failures[:_MOST_SAID]:
        if part.failure is not None:
            lines.append(cut(f"{words.organisations(len(names))}: {part.failure.message}"))
            lines.append(f"    {words.few(names, _MOST_NAMES)}")
    if len(failures) > _MOST_SAID:
        lines.append(f"... and {len(failures) - _MOST_SAID:,} more reasons")
    yield f"**Failed** ({words.organisations(len(plans.failed))})\n\n{fenced(lines, 'text')}"


def _said(title: str, said: Sequence[Saying]) -> Iterator[str]:
    if not said:
        return
    lines: list[str] = []
    for each in said[:_MOST_SAID]:
        subject = f"{each.said.custom_id}: " if each.said.custom_id else ""
        lines.append(cut(f"{subject}{each.said.message} [{each.said.rule}]"))
        lines.append(
            f"    {words.organisations(len(each.organisations))}: {words.few(each.organisations, _MOST_NAMES)}"
        )
    if len(said) > _MOST_SAID:
        lines.append(f"... and {len(said) - _MOST_SAID:,} more")
    yield f"**{title}** ({counted(len(said), 'finding')})\n\n{fenced(lines, 'text')}"


def _table(told: Sequence[Group], plans: PlanSet) -> str:
    total = len(plans.parts) - len(plans.failed)
    return "\n".join((_HEADER, *(_row(group, total) for group in told)))


def _row(group: Group, total: int) -> str:
    number = len(group.organisations)
    who = f"all {number:,}" if number == total > 1 else f"{number:,} of {total:,}"
    if group.is_odd:
        who = f"{number:,}: {codes(group.organisations, 3)}"
    change, risk = group.shown, group.risk
    return f"| {SIGNS[risk]} | {code(change.custom_id)} | {change.action.value} | {risk.value} | {who} |"


def _details(group: Group, plans: PlanSet, depth: Depth) -> Iterator[str]:
    """Yield what changes, folded as in the plan of one organisation, with a word about who has it."""
    blocks = list(details(group.shown, depth))
    if not blocks:
        return
    first, *rest = blocks
    yield first.replace("</summary>", f", {words.share(group, plans)}</summary>", 1)
    if not words.is_all(group, plans):
        yield fenced((cut(words.few(group.organisations, _MOST_NAMES)),), "text")
    if group.varies:
        shown = ", ".join(code(each) for each in group.varies[:5])
        yield f"Each with values of its own for {shown}; those of {code(group.organisations[0])} are shown."
    yield from rest


def _who(names: tuple[str, ...]) -> str:
    return f"{words.organisations(len(names))}: {words.few(names, _MOST_NAMES)}"
