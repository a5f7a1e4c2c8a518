"""`python -m benchmarks.unknowns`: how often a plan cannot tell how an audience differs, for edits as people make them.

Each edit is made to every filter of the example manifests, and of generated ones, wherever it applies. The words are
counted, nothing is measured, so the table is the same on every machine.
"""

import copy
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.generate import write_repository
from reconciler.core.filters.comparison import compare
from reconciler.core.filters.reading import read_filter
from reconciler.model.risk import AudienceDelta
from reconciler.wiring.workspace import load_manifests, open_workspace

ROOT: Final = Path(__file__).resolve().parent.parent
_GENERATED: Final = 400
_ID: Final = "3f1c2b6a-8d4e-4f7a-9b1c-5e6d7f8a9bff"
_ELEMENTS: Final[Mapping[str, Any]] = {
    "contact_ids": _ID,
    "domain_name_in": "new.example",
    "email_in": "new@example.org",
    "name_in": "New Example",
    "phone_number_in": "+15555559999",
    "attributes": {"plan": "new"},
}
_NEW: Final = {"type": "contact_belongs_to_segment", "segment_id": _ID}
Groups: TypeAlias = list[dict[str, Any]]
Edit: TypeAlias = Callable[[Groups], bool]


def main() -> int:
    """Print one table for the examples and one for generated manifests."""
    with tempfile.TemporaryDirectory() as folder:
        write_repository(Path(folder), _GENERATED)
        for title, root in (("the example manifests", ROOT), (f"{_GENERATED} generated manifests", Path(folder))):
            print(
                table(
                    title, [each.payload.value["filter"] for each in load_manifests(open_workspace(root, None)).desired]
                )
            )
    return 0


def table(title: str, filters: list[Any]) -> str:
    """Return how many filters get which word, for each edit."""
    counts = {name: Counter(words(filters, edit)) for name, edit in EDITS.items()}
    heads = [each.value for each in AudienceDelta]
    lines = [f"{title:<28}" + "".join(f"{each:>13}" for each in heads)]
    lines += [f"  {name:<26}" + "".join(f"{found[each]:>13}" for each in heads) for name, found in counts.items()]
    whole = sum(counts.values(), Counter[str]())
    lines.append(f"  {'all':<26}" + "".join(f"{whole[each]:>13}" for each in heads))
    share = whole["unknown"] / max(whole.total(), 1)
    return "\n".join([*lines, f"  unknown: {share:.0%} of {whole.total():,}", ""])


def words(filters: list[Any], edit: Edit) -> Iterator[str]:
    """Yield the word for each filter that an edit applies to."""
    for before in filters:
        after = copy.deepcopy(before)
        if isinstance(after, dict) and edit(after["or"]):
            yield compare(read_filter(before), read_filter(after), {}).delta.value


def _conditions(groups: Groups) -> Iterator[dict[str, Any]]:
    for group in groups:
        yield from group["and"]


def _lists(groups: Groups) -> Iterator[tuple[list[Any], Any]]:
    for each in _conditions(groups):
        for key, element in _ELEMENTS.items():
            if key in each:
                yield each[key], element


def _add_element(groups: Groups) -> bool:
    return any(not listed.append(element) for listed, element in _lists(groups))


def _drop_element(groups: Groups) -> bool:
    return any(listed.pop() is not None for listed, _ in _lists(groups) if len(listed) > 1)


def _swap_element(groups: Groups) -> bool:
    for listed, element in _lists(groups):
        listed[-1] = element
        return True
    return False


def _swap_all_elements(groups: Groups) -> bool:
    for listed, element in _lists(groups):
        listed[:] = [element]
        return True
    return False


def _add_condition(groups: Groups) -> bool:
    groups[0]["and"].append(_NEW)
    return True


def _drop_condition(groups: Groups) -> bool:
    return any(group["and"].pop() is not None for group in groups if len(group["and"]) > 1)


def _add_group(groups: Groups) -> bool:
    groups.append({"and": [_NEW]})
    return True


def _drop_group(groups: Groups) -> bool:
    return len(groups) > 1 and groups.pop() is not None


def _reorder(groups: Groups) -> bool:
    groups.reverse()
    for group in groups:
        group["and"].reverse()
    return True


def _bounds(**moved: str | None) -> Edit:
    def edit(groups: Groups) -> bool:
        for each in _conditions(groups):
            if moved.keys() & each.keys():
                each.update({key: value for key, value in moved.items() if value is not None and key in each})
                for key in [key for key, value in moved.items() if value is None]:
                    each.pop(key, None)
                return True
        return False

    return edit


def _swap_segment(groups: Groups) -> bool:
    for each in _conditions(groups):
        if "segment_id" in each:
            each["segment_id"] = _ID
            return True
    return False


def _everyone(groups: Groups) -> bool:
    groups[:] = [{"and": [{"type": "all_contacts"}]}]
    return True


EDITS: Final[Mapping[str, Edit]] = {
    "another order": _reorder,
    "an element more": _add_element,
    "an element less": _drop_element,
    "an element swapped": _swap_element,
    "all elements swapped": _swap_all_elements,
    "a condition more": _add_condition,
    "a condition less": _drop_condition,
    "a group more": _add_group,
    "a group less": _drop_group,
    "an earlier beginning": _bounds(after="2020-01-01T00:00:00Z"),
    "a later beginning": _bounds(after="2029-01-01T00:00:00Z"),
    "a period shifted": _bounds(after="2025-07-01T00:00:00Z", before="2031-01-01T00:00:00Z"),
    "an end less": _bounds(before=None),
    "another segment": _swap_segment,
    "all contacts": _everyone,
}


if __name__ == "__main__":
    sys.exit(main())
