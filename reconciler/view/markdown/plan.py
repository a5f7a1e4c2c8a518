"""A plan for a pull request: five lines that decide, a table, and what changes in each sequence.

Never longer than a comment may be: it gives up context, then bodies, then all but a line for each sequence, then the
lines. Risk, refusals and totals always stay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.model.plan import Plan, Violation
from reconciler.view.markdown.details import details, drift
from reconciler.view.markdown.fields import Depth
from reconciler.view.markdown.head import head
from reconciler.view.markdown.inert import fenced
from reconciler.view.markdown.table import table
from reconciler.view.order import by_gravity
from reconciler.view.words import Pace, counted

# Characters. GitHub's comments hold 65,536; the rest is left for the comment's mark and what stands around.
LONGEST: Final = 60_000
_MOST_SAID: Final = 40
_LONGEST_SAID: Final = 400


@dataclass(frozen=True, slots=True)
class _Level:
    """How much is shown; `left_out` tells the reader what is not."""

    depth: Depth | None
    left_out: str | None
    has_table: bool = True


_LEVELS: Final = (
    _Level(Depth(context=1, has_bodies=True), None),
    _Level(Depth(context=0, has_bodies=True), "lines around what changes"),
    _Level(Depth(context=0, has_bodies=False), "bodies and timelines"),
    _Level(None, "what changes in each sequence"),
    _Level(None, "the sequences one by one", has_table=False),
)


def plan_markdown(plan: Plan, digest: str, pace: Pace | None, *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it; `pace` is the request limit, None where not known."""
    for level in _LEVELS:
        text = within(_blocks(plan, digest, pace, level), longest)
        if text is not None:
            return text
    raise AssertionError("counts alone are too long")


def within(blocks: Iterable[str], longest: int) -> str | None:
    """Put blocks together; None as soon as they are too long, so that what is given up is not drawn to its end."""
    taken: list[str] = []
    length = 0
    for block in blocks:
        length += len(block) + 2
        if length > longest:
            return None
        taken.append(block)
    return "\n\n".join(taken) + "\n"


def _blocks(plan: Plan, digest: str, pace: Pace | None, level: _Level) -> Iterator[str]:
    yield head(plan, pace)
    if plan.violations:
        yield _said("Blocked by", plan.violations)
    if level.has_table and (plan.changes or plan.affected):
        yield table(plan)
    if level.left_out is not None:
        yield f"_Too long for a comment: {level.left_out} are left out. The JSON and HTML plans have everything._"
    if level.depth is not None:
        ordered = by_gravity(plan)
        for change in ordered:
            yield from details(change, level.depth)
        yield from drift(ordered, level.depth)
    if plan.warnings:
        yield _said("Warnings", plan.warnings)
    yield f"<sub>Digest <code>{digest if is_digest(digest) else '(misshapen)'}</code></sub>"


def is_digest(text: str) -> bool:
    """Tell whether a text is shaped like a digest: a document may say anything."""
    return text.startswith("sha256:") and text[7:].isalnum() and text.isascii() and len(text) <= 80


def _said(title: str, said: tuple[Violation, ...]) -> str:
    lines = [_sentence(each) for each in said[:_MOST_SAID]]
    if len(said) > _MOST_SAID:
        lines.append(f"... and {len(said) - _MOST_SAID:,} more")
    return f"**{title}** ({counted(len(said), 'finding')})\n\n{fenced(lines, 'text')}"


def _sentence(each: Violation) -> str:
    subject = f"{each.custom_id}: " if each.custom_id else ""
    text = f"{subject}{each.message} [{each.rule}]"
    return text if len(text) <= _LONGEST_SAID else text[: _LONGEST_SAID - 1] + "…"
