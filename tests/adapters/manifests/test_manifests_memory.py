"""What is remembered of manifests: the same result as reading them, and never a stale or a foreign one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.manifests.load import Loaded, load
from reconciler.core.audience import check_audience
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.jsonvalue import Json, JsonObject
from reconciler.model.sequence import Instructions

MANIFEST = """custom_id: {name}
name: {name}
filter: {{or: [{{and: [{{type: contact_belongs_to_segment, segment_id: {{$var: segment}}}}]}}]}}
steps: [{{action: {{type: send_sms_messages, data: {{message: {{$file: text.txt}}}}}}}}]
"""


class Checking:
    """A check that accepts everything and counts how often it was asked: a remembered manifest is not checked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, value: Json) -> tuple[Finding, ...]:
        del value
        self.asked += 1
        return ()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "sequences"
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text("Hello", encoding="utf-8")
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(MANIFEST.format(name=name), encoding="utf-8")
    return folder.parent


Loading = Callable[..., tuple[Loaded, int]]


@pytest.fixture
def loading(repository: Path, tmp_path: Path) -> Loading:
    def run(
        *,
        key: str = "key",
        segment: str = "s",
        file: Path = tmp_path / "cache" / "x",
        is_check: bool = False,
        today: str = "",
    ) -> tuple[Loaded, int]:
        check = Checking()
        loaded = load(
            repository,
            "sequences",
            variables={"segment": segment},
            check=check,
            inspect=check_audience,
            today=today,
            cache=(file, key + segment),
            is_check=is_check,
        )
        return loaded, check.asked

    return run


def test_what_is_remembered_is_what_was_read(loading: Loading) -> None:
    read, asked = loading()
    remembered, again = loading()
    assert asked > 0
    assert again == 0
    assert remembered == read
    assert [each.custom_id for each in remembered.desired] == ["one", "two"]


def test_a_changed_manifest_is_read_and_the_others_are_not(loading: Loading, repository: Path) -> None:
    _, all_of_them = loading()
    path = repository / "sequences" / "one.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: one\nfilter", "name: Changed\nfilter"), "utf-8")
    loaded, asked = loading()
    assert loaded.desired[0].payload.value["name"] == "Changed"
    # As it is written, and with the variable in it, which in the other one is known to fit.
    assert (all_of_them, asked) == (3, 2)


def test_a_changed_body_file_is_noticed(loading: Loading, repository: Path) -> None:
    loading()
    (repository / "sequences" / "text.txt").write_text("Bye", encoding="utf-8")
    loaded, _ = loading()
    assert loaded.desired[0].payload.value["steps"][0]["action"]["data"]["message"] == "Bye"


def test_a_body_file_that_became_a_link_is_refused(loading: Loading, repository: Path, tmp_path: Path) -> None:
    loading()
    text = repository / "sequences" / "text.txt"
    text.rename(tmp_path / "elsewhere.txt")
    text.symlink_to(tmp_path / "elsewhere.txt")
    loaded, _ = loading()
    assert loaded.desired == ()
    assert len(loaded.diagnostics) == 2


def test_another_key_finds_nothing(loading: Loading) -> None:
    loading()
    loaded, asked = loading(segment="other")
    assert asked > 0
    assert b"other" in loaded.desired[0].payload.encoded


def test_what_had_an_error_is_read_every_time(loading: Loading, repository: Path) -> None:
    (repository / "sequences" / "bad.yaml").write_text("custom_id: bad\nname: no\n", encoding="utf-8")
    first, _ = loading()
    second, asked = loading()
    assert first.diagnostics
    assert second == first
    assert asked > 0


def test_warnings_are_remembered_with_their_manifest(repository: Path, tmp_path: Path) -> None:
    def inspect(payload: JsonObject, _: Instructions) -> tuple[Finding, ...]:
        asked.append(payload["name"])
        return (Finding(rule="OCX999", message="mind this", path=("name",), severity=Severity.WARNING),)

    def run() -> Loaded:
        return load(
            repository,
            "sequences",
            variables={"segment": "s"},
            check=Checking(),
            inspect=inspect,
            cache=(tmp_path / "cache" / "x", "key"),
        )

    asked: list[Json] = []
    first = run()
    assert [(each.rule, each.file, each.span.line) for each in first.diagnostics] == [
        ("OCX999", "sequences/one.yaml", 2),
        ("OCX999", "sequences/two.yaml", 2),
    ]
    assert run() == first
    assert asked == ["one", "two"]


def test_mistakes_between_manifests_are_found_in_what_is_remembered_too(loading: Loading, repository: Path) -> None:
    loading()
    copy = (repository / "sequences" / "one.yaml").read_text(encoding="utf-8")
    (repository / "sequences" / "copy.yaml").write_text(copy, encoding="utf-8")
    loaded, _ = loading()
    assert ["already the custom_id" in each.message for each in loaded.diagnostics] == [True]


def test_a_removed_manifest_is_forgotten(loading: Loading, repository: Path) -> None:
    loading()
    (repository / "sequences" / "one.yaml").unlink()
    loaded, _ = loading()
    assert [each.custom_id for each in loaded.desired] == ["two"]


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None], ids=["empty", "rubbish", "one byte"])
def test_a_damaged_file_is_as_good_as_none(loading: Loading, tmp_path: Path, damage: bytes | None) -> None:
    read, asked = loading()
    file = tmp_path / "cache" / "x"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data) if damage is None else damage)
    assert loading() == (read, asked)
    assert loading() == (read, 0)


def test_a_file_that_others_may_write_is_not_believed(loading: Loading, tmp_path: Path) -> None:
    _, asked = loading()
    (tmp_path / "cache" / "x").chmod(0o666)
    assert loading()[1] == asked


def test_a_link_is_not_believed(loading: Loading, tmp_path: Path) -> None:
    _, asked = loading()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "cache" / "x")
    assert loading(file=link)[1] == asked


def test_a_place_that_cannot_be_written_only_costs_time(loading: Loading, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    loaded, asked = loading(file=tmp_path / "a file" / "x")
    assert len(loaded.desired) == 2
    assert asked > 0


def test_the_files_are_the_users_own(loading: Loading, tmp_path: Path) -> None:
    loading()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "cache").iterdir()}
    assert modes == {"x": 0o600, "x.payloads": 0o600}


@pytest.mark.parametrize("damage", ["a byte", "cut", "gone", "of others", "a link"])
def test_payloads_that_are_not_whole_are_read_anew_where_they_are_asked_for(
    loading: Loading, tmp_path: Path, damage: str
) -> None:
    read, _ = loading()
    file = tmp_path / "cache" / "x.payloads"
    data = file.read_bytes()
    match damage:
        case "a byte":
            file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        case "cut":
            file.write_bytes(data[:-1])
        case "gone":
            file.unlink()
        case "of others":
            file.chmod(0o666)
        case _:
            file.rename(tmp_path / "elsewhere")
            file.symlink_to(tmp_path / "elsewhere")
    assert loading(is_check=True) == (replace(read, desired=()), 0)
    again, asked = loading()
    assert again == read
    assert asked > 0
    assert loading() == (read, 0)


def test_what_a_check_finds_changed_is_put_behind_the_payloads(
    loading: Loading, repository: Path, tmp_path: Path
) -> None:
    loading()
    file = tmp_path / "cache" / "x.payloads"
    before = file.read_bytes()
    path = repository / "sequences" / "one.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: one\nfilter", "name: Changed\nfilter"), "utf-8")
    _, asked = loading(is_check=True)
    assert asked > 0
    assert file.read_bytes().startswith(before)
    loaded, asked = loading()
    assert asked == 0
    assert [each.payload.value["name"] for each in loaded.desired] == ["Changed", "two"]


def test_payloads_that_nobody_asks_for_do_not_pile_up(loading: Loading, repository: Path, tmp_path: Path) -> None:
    path = repository / "sequences" / "one.yaml"
    written = path.read_text(encoding="utf-8")
    for number in range(8):
        long = "x" * 600_000 + str(number)
        path.write_text(written.replace("{$file: text.txt}", f'"{long}"'), encoding="utf-8")
        loading(is_check=True)
    path.write_text(written, encoding="utf-8")
    read, _ = loading(is_check=True)
    assert (tmp_path / "cache" / "x.payloads").stat().st_size < 4 * 600_000
    loaded, asked = loading()
    assert asked == 0
    assert replace(loaded, desired=()) == read


def test_a_check_finds_the_same_and_remembers_what_a_plan_asks_for(loading: Loading) -> None:
    checked, _ = loading(is_check=True)
    again, asked = loading()
    assert checked == replace(again, desired=())
    assert asked == 0
    assert [each.payload.value["name"] for each in again.desired] == ["one", "two"]


def test_what_is_remembered_does_not_outlive_the_day_until_which_it_holds(loading: Loading, repository: Path) -> None:
    path = repository / "sequences" / "one.yaml"
    entry = 'reconciler: {ignore: [/filter, {path: /name, reason: "support renames it", until: "2026-06-30"}]}\n'
    path.write_text(MANIFEST.format(name="one") + entry, encoding="utf-8")
    read, _ = loading(today="2026-06-30")
    assert read.diagnostics == ()
    remembered, asked = loading(today="2026-06-30")
    assert (remembered, asked) == (read, 0)
    assert [each.until for each in remembered.desired[0].instructions.hand_offs] == ["2026-06-30"]
    expired, asked = loading(today="2026-07-01")
    assert asked == 0
    (diagnostic,) = expired.diagnostics
    assert (diagnostic.rule, diagnostic.severity) == (rules.EXPIRED, Severity.ERROR)
    assert (diagnostic.span.line, diagnostic.path) == (5, "/reconciler/ignore/1/until")
    assert [each.custom_id for each in expired.desired] == ["two"]
    # Also where only names are brought back.
    checked, asked = loading(today="2026-07-01", is_check=True)
    assert (checked.diagnostics, asked) == (expired.diagnostics, 0)
