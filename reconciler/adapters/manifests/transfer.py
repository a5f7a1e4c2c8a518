"""Readings as bytes and back, for the way between two processes of one run; and as plain values, to be kept."""

import marshal
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from reconciler.adapters.manifests.manifest import Reading
from reconciler.adapters.manifests.memory import Fingerprint, Result
from reconciler.model.diagnostic import Diagnostic, Severity, Span
from reconciler.model.sequence import (
    NO_INSTRUCTIONS,
    NO_PAYLOAD,
    Desired,
    HandOff,
    Instructions,
    Payload,
    Retire,
    Source,
)


def encode(readings: Sequence[Reading]) -> bytes:
    """Write readings; marshal is ten times as fast as pickle on frozen dataclasses."""
    return marshal.dumps([parts_of(each) for each in readings])


def decode(data: bytes) -> list[Reading]:
    """Read what `encode` wrote in the same run of the same program."""
    parts: list[Result] = marshal.loads(data)  # noqa: S302 - our own child wrote it, into memory of our own
    return [reading_of(*each) for each in parts]


def parts_of(reading: Reading) -> Result:
    """Return a reading as plain values, which marshal can write, and its payload apart from them."""
    desired = reading.desired
    parts = (
        reading.claimed,
        None if desired is None else _desired_parts(desired),
        [_diagnostic_parts(each) for each in reading.diagnostics],
    )
    return reading.fingerprint, parts, b"" if desired is None else desired.payload.encoded


def reading_of(fingerprint: Fingerprint, parts: tuple[Any, ...], payload: bytes | None) -> Reading:
    """Return the reading that the values of `parts_of` stand for; a check needs no payload, and gives None.

    It does need the instructions: what they hand off may have run out since.
    """
    claimed, desired, diagnostics = parts
    return Reading(
        claimed=claimed,
        desired=None if desired is None else _desired(NO_PAYLOAD if payload is None else Payload(payload), *desired),
        diagnostics=tuple(_diagnostic(*each) for each in diagnostics),
        fingerprint=fingerprint,
    )


def _desired_parts(desired: Desired) -> tuple[Any, ...]:
    """Return what a manifest asks for, but for its payload, as plain values."""
    said = desired.instructions
    instructions = None if said is NO_INSTRUCTIONS else _instruction_parts(said)
    source = desired.source
    return (desired.custom_id, source.file, source.line, desired.references, instructions)


def _instruction_parts(said: Instructions) -> tuple[Any, ...]:
    hand_offs = tuple((each.position, each.pointer, each.reason, each.until) for each in said.hand_offs)
    retire = None if said.retire is None else said.retire.value
    return (said.audience, said.ignore, said.renamed_from, said.owner, hand_offs, retire, said.labels)


def _desired(
    payload: Payload,
    custom_id: str,
    file: str,
    line: int,
    references: tuple[str, ...],
    instructions: tuple[Any, ...] | None,
) -> Desired:
    return Desired(
        custom_id=custom_id,
        payload=payload,
        source=Source(file=file, line=line),
        references=references,
        instructions=NO_INSTRUCTIONS if instructions is None else _instructions(*instructions),
    )


@lru_cache(maxsize=1024)  # most manifests say one of a few things
def _instructions(
    audience: str | None,
    ignore: tuple[str, ...],
    renamed_from: str | None,
    owner: str | None,
    hand_offs: tuple[tuple[int, str, str, str | None], ...],
    retire: str | None,
    labels: tuple[str, ...],
) -> Instructions:
    return Instructions(
        audience=audience,
        ignore=ignore,
        hand_offs=tuple(
            HandOff(position=position, pointer=pointer, reason=reason, until=until)
            for position, pointer, reason, until in hand_offs
        ),
        renamed_from=renamed_from,
        owner=owner,
        retire=None if retire is None else Retire(retire),
        labels=labels,
    )


def _diagnostic_parts(diagnostic: Diagnostic) -> tuple[Any, ...]:
    span = diagnostic.span
    return (
        (diagnostic.rule, diagnostic.severity.value, diagnostic.message, diagnostic.hint, diagnostic.file),
        (span.line, span.column, span.end_line, span.end_column),
        diagnostic.path,
        diagnostic.manifests,
    )


def _diagnostic(
    said: tuple[Any, ...], span: tuple[int, int, int, int], path: str, manifests: tuple[str, ...]
) -> Diagnostic:
    rule, severity, message, hint, file = said
    line, column, end_line, end_column = span
    return Diagnostic(
        rule=rule,
        severity=Severity(severity),
        message=message,
        hint=hint,
        file=file,
        span=Span(line=line, column=column, end_line=end_line, end_column=end_column),
        path=path,
        manifests=manifests,
    )
