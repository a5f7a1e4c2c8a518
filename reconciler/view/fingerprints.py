"""What a diagnostic is known by over time: the same mistake keeps its fingerprint while lines move around it."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from reconciler.model.diagnostic import Diagnostic


def fingerprints(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield one for each, all different: of the rule, the file, the path in it, and which of several alike it is."""
    # Not of the message, which may name a line.
    seen: Counter[tuple[str, str, str]] = Counter()
    for each in diagnostics:
        known_by = (each.rule, each.file, each.path)
        text = "\0".join((*known_by, str(seen[known_by])))
        seen[known_by] += 1
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
