"""What an editor with yaml-language-server offers and says by the schema that `init` puts into a repository."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler.cli.main import run
from tests.editors.language_server import LanguageServer
from tests.editors.wrong_manifests import CASES, WHOLE, Place, Wrong

CONFIGURATION = (
    '[environments.sandbox]\napi = "sandbox"\n[environments.sandbox.variables]\nnumber = "106540352242922"\n'
)
HALF = """\
# yaml-language-server: $schema=../schemas/sequence.schema.json
custom_id: half

filter:
  or:
    - and:
        - type: x
steps:
  - action:
      type: send_emails
      data:
        from
"""


class Desk(NamedTuple):
    """A repository, what `validate` says of it, and an editor in which all of its manifests are open."""

    root: Path
    validated: list[dict[str, Any]]
    editor: LanguageServer

    def manifest(self, name: str) -> Path:
        return self.root / "sequences" / f"{name}.yaml"

    def place(self, name: str, text: str) -> tuple[Path, int, int]:
        """Where a text begins, counted from 0."""
        file = self.manifest(name)
        before = file.read_text(encoding="utf-8").partition(text)[0]
        return file, before.count("\n"), len(before) - (before.rfind("\n") + 1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("edited")
    assert run(["init", str(root)]) == 0
    with (root / "reconciler.toml").open("a", encoding="utf-8") as configuration:
        configuration.write('number = "106540352242922"\n')
    manifests = {case.name: case.text for case in CASES} | {"whole": WHOLE.replace("CASE", "whole"), "half": HALF}
    for name, text in manifests.items():
        (root / "sequences" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with redirect_stdout(io.StringIO()) as out:
        run(["-C", str(root), "validate", "--format", "json"])
    with LanguageServer(root) as editor:
        desk = Desk(root, json.loads(out.getvalue())["diagnostics"], editor)
        for name in ("welcome", *manifests):
            editor.open(desk.manifest(name))
        yield desk


def ours(desk: Desk, name: str) -> set[Place]:
    file = f"sequences/{name}.yaml"
    return {(each["line"], each["column"]) for each in desk.validated if each["file"] == file}


def theirs(desk: Desk, name: str) -> set[Place]:
    starts = [each["range"]["start"] for each in desk.editor.diagnostics(desk.manifest(name))]
    return {(each["line"] + 1, each["character"] + 1) for each in starts}


@pytest.mark.parametrize("name", ["welcome", "whole"])
def test_nothing_is_said_of_a_valid_manifest(desk, name):
    assert (ours(desk, name), theirs(desk, name)) == (set(), set())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_editor_marks_a_mistake_where_validate_does(desk: Desk, case: Wrong):
    by_us, by_them = ours(desk, case.name), theirs(desk, case.name)
    assert by_us
    assert by_them
    assert (by_us - by_them, by_them - by_us) == (set(case.only_ours), set(case.only_theirs))


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("\nfilter:", ["name", "is_continuous", "steps", "reconciler"]),
        ("x\nsteps", ["all_contacts", "contact_id_in", "contact_belongs_to_segment", "last_contacted_at_between"]),
        ("send_emails", ["send_emails", "make_phone_calls", "send_sms_messages", "send_whatsapp_messages"]),
        ("from", ["from_email", "email_subject", "email_body", "email_sender_name", "email_is_transactional"]),
    ],
)
def test_keys_and_types_are_completed(desk, text, offered):
    labels = desk.editor.completions(*desk.place("half", text))
    absent = {"steps", "filter", "custom_id"} if text == "\nfilter:" else set()
    assert set(offered) - absent <= set(labels)
    assert "custom_id" not in labels


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: Welcome", ["Name", "The sequence's name in the dashboard."]),
        ("from_email", ["From", "The address that the e-mail is sent from."]),
        ("and:", ["Conditions", "An empty list matches everyone."]),
        ("is_continuous", ["Continuous", "Left out means true."]),
        ("contact_ids", ["Contact ids", "The contacts' uuids."]),
        ("send_whatsapp_messages", ["Type", "`make_phone_calls`"]),
        ("ignore", ["Handed-off fields", "never written"]),
    ],
)
def test_hovering_says_what_a_key_is_for(desk, text, told):
    shown = desk.editor.hover(*desk.place("whole", text))
    assert all(each in shown for each in told), shown
