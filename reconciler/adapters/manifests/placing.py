"""Where findings stand: in the manifest, or in the file that brought in the text that they are about."""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.adapters.manifests.characters import BOM
from reconciler.adapters.manifests.document import Layout
from reconciler.adapters.manifests.inside import span_in_file, span_in_value
from reconciler.adapters.manifests.instructions import Resolved
from reconciler.model.diagnostic import FILE_START, Diagnostic, Finding, Span
from reconciler.model.pointer import shown_pointer, value_at


def place(
    file: str, data: bytes, findings: Iterable[Finding], resolved: Resolved | None = None, prefix: str = ""
) -> list[Diagnostic]:
    """Give findings their place in the manifest whose bytes these are.

    `resolved` is its value: what is wrong inside a text is then placed there, also in the file that brought the text
    in, before whose path `prefix` is put.
    """
    from reconciler.adapters.manifests.reader import locate

    found = list(findings)
    if not found:
        return []
    layout = locate(data)
    lines = data.decode("utf-8", "replace").removeprefix(BOM).split("\n")
    return [_inside(file, lines, layout, each, resolved, prefix) for each in found]


def diagnostic_at(file: str, span: Span, finding: Finding) -> Diagnostic:
    """Return the diagnostic that a finding is at a span of a file."""
    return Diagnostic(
        rule=finding.rule,
        severity=finding.severity,
        message=finding.message,
        hint=finding.hint,
        file=file,
        span=span,
        path=shown_pointer(finding.path),
    )


def _inside(
    file: str, lines: list[str], layout: Layout, finding: Finding, resolved: Resolved | None, prefix: str
) -> Diagnostic:
    span = layout.place(finding.path, at_key=finding.at_key)
    text = value_at(resolved.value, finding.path) if resolved is not None and finding.start is not None else None
    if resolved is None or finding.start is None or not isinstance(text, str):
        return diagnostic_at(file, span, finding)
    origin = resolved.origins.get(finding.path)
    if origin is not None:
        placed = diagnostic_at(prefix + origin, span_in_file(text, finding.start, finding.length), finding)
        return replace(placed, manifests=(file,))
    nearer = span_in_value(lines, span, text, finding.start, finding.length) if span != FILE_START else None
    return diagnostic_at(file, nearer or span, finding)
