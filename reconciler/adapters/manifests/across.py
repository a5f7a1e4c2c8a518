"""What only all manifests together can get wrong: ids that are used twice, references that lead nowhere or in circles.

Nothing here reads a file unless there is a mistake to place in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.adapters.manifests.manifest import Reading
from reconciler.adapters.manifests.spelling import did_you_mean
from reconciler.core.ordering import find_cycle
from reconciler.model import rules
from reconciler.model.diagnostic import Diagnostic, Finding
from reconciler.model.pointer import Path
from reconciler.model.sequence import Desired

# Looking for a likely spelling among ten thousand names takes a tenth of a second; finding a circle not much less.
_MAX_SUGGESTIONS: Final = 20
_MAX_CYCLES: Final = 50

CUSTOM_ID: Final[Path] = ("custom_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """Ways back into the files. `reference` returns the path at which a manifest names another sequence."""

    place: Callable[[str, Sequence[Finding]], list[Diagnostic]]
    line: Callable[[str, Path], int]
    reference: Callable[[str, str], Path]


Files: TypeAlias = Mapping[str, Reading]


def check_across(readings: Files, locator: Locator) -> list[Diagnostic]:
    """Return the mistakes that lie between the manifests; `readings` maps files, in order, to what came of them."""
    found: dict[str, list[Finding]] = {}
    for file, finding in (*_ids(readings, locator), *_references(readings, locator)):
        found.setdefault(file, []).append(finding)
    return [diagnostic for file, findings in found.items() for diagnostic in locator.place(file, findings)]


def _ids(readings: Files, locator: Locator) -> Iterator[tuple[str, Finding]]:
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for file, reading in readings.items():
        name = reading.claimed
        if name is None:
            continue
        first, alike = exact.setdefault(name, file), folded.setdefault(name.casefold(), file)
        if first != file:
            yield (
                file,
                Finding(
                    rule=rules.DUPLICATE_ID,
                    message=f"`{name}` is already the custom_id of {first}:{locator.line(first, CUSTOM_ID)}",
                    path=CUSTOM_ID,
                    hint="give each sequence a custom_id of its own, or delete one of the two manifests",
                ),
            )
        elif alike != file:
            yield (
                file,
                Finding(
                    rule=rules.ID_CASE,
                    message=f"`{name}` is the custom_id of {alike}:{locator.line(alike, CUSTOM_ID)} in another case",
                    path=CUSTOM_ID,
                    hint="people and servers may take the two for one: choose another",
                ),
            )


def _references(readings: Files, locator: Locator) -> Iterator[tuple[str, Finding]]:
    names = {reading.claimed for reading in readings.values() if reading.claimed is not None}
    desired = [(file, reading.desired) for file, reading in readings.items() if reading.desired is not None]
    suggestions = _MAX_SUGGESTIONS
    for file, each in desired:
        for reference in each.references:
            if reference == each.custom_id:
                yield (
                    file,
                    _finding(
                        rules.SELF_REFERENCE,
                        "the sequence refers to itself",
                        locator.reference(file, reference),
                        "name another sequence",
                    ),
                )
            elif reference not in names:
                likely = did_you_mean(reference, names) if suggestions > 0 else None
                suggestions -= 1
                yield (
                    file,
                    _finding(
                        rules.UNKNOWN_SEQUENCE,
                        f"no manifest has the custom_id `{reference}`",
                        locator.reference(file, reference),
                        likely or "write its manifest, or the id of a sequence that is not kept here",
                    ),
                )
    yield from _cycles(dict(reversed([(each.custom_id, (file, each)) for file, each in desired])), locator)


def _cycles(desired: Mapping[str, tuple[str, Desired]], locator: Locator) -> Iterator[tuple[str, Finding]]:
    graph = {
        name: [other for other in each.references if other in desired and other != name]
        for name, (_, each) in desired.items()
        if each.references
    }
    for _ in range(_MAX_CYCLES):
        members = find_cycle(graph)
        if members is None:
            return
        file = desired[members[0]][0]
        yield (
            file,
            _finding(
                rules.REFERENCE_CYCLE,
                f"sequences refer to each other in a circle: {_chain(members)}",
                locator.reference(file, members[1]),
                "none of them can be created first: remove one of the references",
            ),
        )
        graph = {name: others for name, others in graph.items() if name not in members}


def _chain(members: Iterable[str]) -> str:
    names = list(members)
    shown = names if len(names) <= 12 else [*names[:10], f"... {len(names) - 11} more ...", names[-1]]
    return " -> ".join((*shown, names[0]))


def _finding(rule: str, message: str, path: Path, hint: str) -> Finding:
    return Finding(rule=rule, message=message, path=path, hint=hint)
