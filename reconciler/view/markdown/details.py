"""What changes in one sequence: why it has its class, whom it still reaches, and each field as a difference.

Everything that is anybody's words stands in a fence.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from reconciler.model.change import Action, Change, FieldChange, Origin
from reconciler.view.markdown.fields import Depth, cut, field_lines
from reconciler.view.markdown.head import SIGNS
from reconciler.view.markdown.inert import fenced
from reconciler.view.markdown.steps import step_lines
from reconciler.view.markdown.timeline import timeline
from reconciler.view.risk_text import live_status
from reconciler.view.terminal import inert_line
from reconciler.view.visible import seen
from reconciler.view.words import action_word, audience, channel, duration, headline

_MOVED_BY_OTHERS: Final = frozenset({Origin.DRIFT, Origin.CONFLICT, Origin.TAKEOVER})


def details(change: Change, depth: Depth) -> Iterator[str]:
    """Yield the blocks about one sequence, folded; nothing for one of which the table says it all."""
    blocks = [*_why(change), *_new(change, depth), *_fields(change, depth)]
    if depth.has_bodies and change.assessment is not None and change.body is not None:
        blocks += timeline(change.assessment, change.body.value["steps"])
    if blocks:
        risk = "" if change.assessment is None else f" {SIGNS[change.assessment.risk]} {change.assessment.risk.value}"
        yield f"<details><summary>{_name(change)} {action_word(change)}{risk}</summary>"
        yield from blocks
        yield "</details>"


def _why(change: Change) -> Iterator[str]:
    if change.assessment is not None:
        status = live_status(change.assessment).strip(" ()")
        lines = [*change.assessment.reasons, *change.assessment.reach.sentences, *([status] if status else [])]
        if lines:
            yield fenced(
                (
                    cut(f"{change.assessment.risk.value}  {line}" if n == 0 else f"    {line}")
                    for n, line in enumerate(lines)
                ),
                "text",
            )


def _new(change: Change, depth: Depth) -> Iterator[str]:
    """A new sequence as a person would describe it."""
    if change.action is not Action.CREATE or change.body is None:
        return
    payload = change.body.value
    lines = [f"name     {payload['name']}", f"runs     {'continuously' if payload['is_continuous'] else 'once'}"]
    lines.append(f"reaches  {audience(payload['filter'])}")
    for number, step in enumerate(payload["steps"], start=1):
        when = duration(step.get("delay_in_minutes", 0))
        lines.append(f"step {number}   {when}, {channel(step)}: {headline(step)}")
        if depth.has_bodies:
            lines += [f"         | {line}" for line in _visible_lines(step)]
    yield fenced((cut(line) for line in lines), "text")


def _visible_lines(step: Mapping[str, Any]) -> tuple[str, ...]:
    body = step.get("action", {}).get("data", {}).get("email_body")
    return seen(body).text if isinstance(body, str) else ()


def _fields(change: Change, depth: Depth) -> Iterator[str]:
    lines = list(_lines([field for field in change.fields if not is_moved(field)], change, depth))
    if change.action is not Action.CREATE and lines:
        yield fenced(lines, "diff")


def _lines(fields: list[FieldChange], change: Change, depth: Depth) -> Iterator[str]:
    """Yield how fields change; where steps came, went or changed places, step by step and not by position."""
    assessment = change.assessment
    is_restructured = assessment is not None and assessment.is_restructured
    for field in fields:
        if not (is_restructured and _is_of_steps(field)):
            yield from field_lines(field, depth)
    if assessment is not None and is_restructured and change.body is not None and any(map(_is_of_steps, fields)):
        yield from step_lines(assessment.steps, change.body.value["steps"], depth)


def _is_of_steps(field: FieldChange) -> bool:
    return field.path[:1] == ("steps",)


def is_moved(field: FieldChange) -> bool:
    """Tell whether somebody else moved a field: what applying writes takes that back, or over."""
    return field.origin in _MOVED_BY_OTHERS


def drift(changes: list[Change], depth: Depth) -> Iterator[str]:
    """Yield the section about what was moved behind the tool's back."""
    moved = [(change, [field for field in change.fields if is_moved(field)]) for change in changes]
    drifted = [(change, fields) for change, fields in moved if fields]
    if not drifted:
        return
    yield "#### Moved by somebody else\n\n`-` is live, `+` is what applying writes in its place."
    for change, fields in drifted:
        yield f"<details><summary>{_name(change)}</summary>"
        yield fenced(_lines(fields, change, depth), "diff")
        yield "</details>"


def _name(change: Change) -> str:
    return f"<code>{escape(inert_line(change.custom_id))}</code>"
