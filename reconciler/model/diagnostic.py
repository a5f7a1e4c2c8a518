"""What is wrong with a manifest, and where: one sentence, one place, one hint."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.pointer import Path


class Severity(StrEnum):
    """Errors make a manifest invalid; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a file, 1-based lines and columns in characters; the end is exclusive in its column."""

    line: int
    column: int
    end_line: int
    end_column: int


FILE_START = Span(line=1, column=1, end_line=1, end_column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem inside a document's value, before anyone has looked up where that value stands in its file.

    `at_key` means that the key itself is wrong, not its value. `path` of a missing key is that of the object.
    `start` and `length` say which characters of the text at the path are meant; None means all of it.
    """

    rule: str
    message: str
    path: Path
    hint: str | None = None
    at_key: bool = False
    severity: Severity = Severity.ERROR
    start: int | None = None
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A problem with its place. `file` is relative to the repository's root, `path` a JSON pointer.

    `manifests` are those that bring the file in, where the problem stands in a file that is no manifest itself.
    """

    rule: str
    severity: Severity
    message: str
    hint: str | None
    file: str
    span: Span
    path: str
    manifests: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """The order in which diagnostics are shown: by place, then by rule."""
        return (self.file, self.span.line, self.span.column, self.rule, self.message)
