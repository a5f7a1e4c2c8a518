"""The lines of one file that diagnostics point at, read off its bytes once more."""

from collections.abc import Iterator, Sequence

from reconciler.adapters.manifests.characters import BOM
from reconciler.adapters.manifests.privacy import Shield, shown_text
from reconciler.adapters.manifests.reader import locate
from reconciler.model.diagnostic import Span
from reconciler.model.excerpt import Excerpt


def excerpts(data: bytes, spans: Sequence[Span], *, is_manifest: bool) -> Iterator[Excerpt | None]:
    """Yield the first line of each span; None for one that does not lie in the file, such as that of an empty file."""
    lines = data.decode("utf-8", "replace").removeprefix(BOM).split("\n")
    shield = Shield([line.removesuffix("\r") for line in lines], locate(data)) if is_manifest else None
    line, text = 0, ""
    for span in spans:
        if not 1 <= span.line <= len(lines) or not lines[span.line - 1].strip():
            yield None
            continue
        if span.line != line:
            # Diagnostics come in order, and a line of a megabyte may have a hundred of them.
            line = span.line
            text = shield.shown(line) if shield else shown_text(lines[line - 1].removesuffix("\r"))
        start = min(span.column - 1, len(text))
        end = span.end_column - 1 if span.end_line == span.line else len(text.rstrip())
        yield Excerpt(line=span.line, text=text, start=start, end=max(start, min(end, len(text))))
