"""One reading for several sets of variables is that which each of them would have got for itself."""

from pathlib import Path

import pytest

from reconciler.adapters.manifests.load import Loaded, load
from reconciler.adapters.manifests.sharing import Sharing
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import Json, JsonObject
from tests.scenarios.workbench import ROOT

CHECK = ManifestChecker(ROOT / "schemas" / "sequence.schema.json").check
TEXT = """\
custom_id: {name}
name: {title}
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: {segment}
steps:
  - action: {{type: send_sms_messages, data: {{message: Hello}}}}
    delay_in_minutes: 0
"""


def loaded(root: Path, shared: Sharing | None, **variables: str) -> Loaded:
    return load(root, "sequences", variables=variables, check=CHECK, inspect=lambda *_: (), shared=shared)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sequences").mkdir()
    for name, title, segment in (
        ("plain", "Plain", "s"),
        ("one", "One", "{$var: one}"),
        ("two", "{$var: two}", "{$var: one}"),
        ("escaped", '{"$var": "\\x74wo"}', "s"),
        ("speaks", "one and two", "s"),
    ):
        text = TEXT.format(name=name, title=title, segment=segment)
        (tmp_path / "sequences" / f"{name}.yaml").write_text(text)
    return tmp_path


SETS = (
    {"one": "1", "two": "2"},
    {"one": "1", "two": "3"},
    {"one": "4", "two": "2"},
    {"one": "1"},
    {"two": "2"},
    {"one": "1", "two": "2", "more": "x"},
    {},
    # What is likely meant by a missing name depends on the others.
    {"oxe": "1", "two": "2"},
    {"ohe": "1", "two": "2"},
)


def test_what_is_shared_is_what_each_would_have_read(root: Path) -> None:
    shared = Sharing()
    for variables in (*SETS, *SETS):
        assert loaded(root, shared, **variables) == loaded(root, None, **variables)


def test_a_manifest_is_read_once_for_all_that_agree_on_what_it_names(root: Path) -> None:
    shared = Sharing()
    read = [seen(root, shared, **variables) for variables in SETS[:3]]
    assert read == [
        ["escaped", "one", "plain", "speaks", "two"],
        ["escaped", "two"],
        ["escaped", "one", "two"],
    ]


def seen(root: Path, shared: Sharing, **variables: str) -> list[Json]:
    """The manifests that are looked at: those that are not read are not."""
    names: list[Json] = []

    def inspect(payload: JsonObject, _: object) -> tuple[Finding, ...]:
        names.append(payload["custom_id"])
        return ()

    load(root, "sequences", variables=variables, check=CHECK, inspect=inspect, shared=shared)
    return names
