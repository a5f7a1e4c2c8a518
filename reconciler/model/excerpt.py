"""The line of a file that a diagnostic points at, as far as it may be shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One line of a file, what is personal in it blanked, and the part of it that is meant.

    `line` is 1-based; `start` and `end` are offsets into `text`, the end exclusive and never before the start.
    """

    line: int
    text: str
    start: int
    end: int
