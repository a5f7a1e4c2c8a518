"""The report on unknown audiences: every edit does something, and what is unknown is what nobody can know."""

from benchmarks.unknowns import EDITS, ROOT, table, words
from reconciler.wiring.workspace import load_manifests, open_workspace

UNKNOWABLE = {"an element swapped", "all elements swapped", "another segment", "a later beginning", "an end less"}


def test_on_the_examples_only_what_nobody_can_know_is_unknown() -> None:
    filters = [each.payload.value["filter"] for each in load_manifests(open_workspace(ROOT, None)).desired]
    found = {name: list(words(filters, edit)) for name, edit in EDITS.items()}
    assert all(found.values())
    assert {name for name, said in found.items() if "unknown" in said} <= UNKNOWABLE
    assert "unknown: 17% of 75" in table("examples", filters)
