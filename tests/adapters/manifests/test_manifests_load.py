"""All manifests together: every mistake in one run, and the same result however they are read."""

import gc
import itertools
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.adapters.manifests.forking import can_fork, forked
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.jsonvalue import Json, JsonObject
from reconciler.model.sequence import Instructions, Source
from tests.adapters.manifests.manifest_files import accept, load_all, manifest, said, write


def test_a_manifest_becomes_what_it_asks_for(tmp_path: Path) -> None:
    block = "reconciler:\n  audience: everyone\n  ignore: [/name, /steps/0]\n  renamed_from: old\n  owner: team\n"
    write(tmp_path, {"a/one.yaml": "# first\n\n" + manifest("one", extra=block)})
    loaded = load_all(tmp_path)
    [desired] = loaded.desired
    assert desired.custom_id == "one"
    assert desired.source == Source(file="sequences/a/one.yaml", line=3)
    assert desired.instructions == Instructions(
        audience="everyone", ignore=("/name", "/steps/0"), renamed_from="old", owner="team"
    )
    assert list(desired.payload.value) == ["custom_id", "filter", "is_continuous", "name", "steps"]
    assert desired.payload.value["is_continuous"] is True
    assert loaded.files == 1


def test_is_continuous_is_kept_as_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"one.yaml": manifest("one", extra="is_continuous: false\n")})
    assert load_all(tmp_path).desired[0].payload.value["is_continuous"] is False


def test_a_custom_id_that_is_used_twice_names_both_places(tmp_path: Path) -> None:
    write(tmp_path, {"b.yaml": "# c\n" + manifest("one"), "c.yaml": manifest("one"), "d/a.yaml": manifest("ONE")})
    loaded = load_all(tmp_path)
    assert said(loaded) == ["sequences/c.yaml:1:12 OCX053", "sequences/d/a.yaml:1:12 OCX054"]
    assert all("sequences/b.yaml:2" in each.message for each in loaded.diagnostics)
    assert [each.source.file for each in loaded.desired] == ["sequences/b.yaml"]


def test_an_unknown_reference_names_the_likely_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": manifest("onboarding"), "b.yaml": manifest("b", refers_to=("onbording",))})
    loaded = load_all(tmp_path)
    assert said(loaded) == ["sequences/b.yaml:9:24 OCX050"]
    assert loaded.diagnostics[0].hint == "did you mean `onboarding`?"
    assert loaded.diagnostics[0].path == "/filter/or/0/and/1/sequence_id"


@pytest.mark.parametrize(
    "broken", ["custom_id: a\nname: [\n", "custom_id: a\nname: no\n", 'custom_id: "a"\nname: "\x07"\n']
)
def test_a_reference_to_a_broken_manifest_is_not_blamed(tmp_path: Path, broken: str) -> None:
    write(tmp_path, {"a.yaml": broken, "b.yaml": manifest("b", refers_to=("a",))})
    assert {each.file for each in load_all(tmp_path).diagnostics} == {"sequences/a.yaml"}


def test_a_sequence_may_not_refer_to_itself(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": manifest("a", refers_to=("a",))})
    assert said(load_all(tmp_path)) == ["sequences/a.yaml:9:24 OCX051"]


def test_a_circle_of_references_is_named_once_in_order(tmp_path: Path) -> None:
    circle = {"c": "a", "a": "b", "b": "c", "u": "v", "v": "u", "z": "a"}
    write(tmp_path, {f"{name}.yaml": manifest(name, refers_to=(other,)) for name, other in circle.items()})
    loaded = load_all(tmp_path)
    assert said(loaded) == ["sequences/a.yaml:9:24 OCX052", "sequences/u.yaml:9:24 OCX052"]
    assert loaded.diagnostics[0].message.endswith(": a -> b -> c -> a")
    assert loaded.diagnostics[1].message.endswith(": u -> v -> u")


def test_a_long_circle_is_found_and_shown_in_short(tmp_path: Path) -> None:
    count = 2000
    names = [f"s{number:04}" for number in range(count)]
    files = {
        f"{name}.yaml": manifest(name, refers_to=(after,)) for name, after in itertools.pairwise([*names, names[0]])
    }
    write(tmp_path, files)
    [diagnostic] = load_all(tmp_path).diagnostics
    assert diagnostic.rule == "OCX052"
    assert "... 1989 more ..." in diagnostic.message


def test_all_mistakes_of_all_files_come_in_one_run_and_in_order(tmp_path: Path) -> None:
    def check(value: Json) -> tuple[Finding, ...]:
        assert isinstance(value, dict)
        unknown = [key for key in value if key.startswith("is_") and key != "is_continuous"]
        return tuple(Finding(rule="OCX101", message="unknown", path=(key,), at_key=True) for key in unknown)

    write(
        tmp_path,
        {
            "a.yaml": manifest("a", body="{$file: gone.txt}", extra="is_continous: yes\nis_x: 1\n"),
            "b.yaml": manifest("b", refers_to=("nobody",)),
            "c.yaml": manifest("a"),
            "d.yaml": "- x\n",
        },
    )
    loaded = load_all(tmp_path, check=check)
    assert said(loaded) == [
        "sequences/a.yaml:12:18 OCX042",
        "sequences/a.yaml:14:15 OCX030",
        "sequences/a.yaml:15:1 OCX101",
        "sequences/b.yaml:9:24 OCX050",
        "sequences/c.yaml:1:12 OCX053",
        "sequences/d.yaml:1:1 OCX012",
    ]
    assert loaded.desired == ()


def test_a_finding_falls_on_the_nearest_place_that_exists(tmp_path: Path) -> None:
    def check(_: Json) -> tuple[Finding, ...]:
        return (Finding(rule="OCX102", message="missing", path=("steps", 0, "action", "data", "from_email")),)

    write(tmp_path, {"a.yaml": manifest("a")})
    [diagnostic] = load_all(tmp_path, check=check).diagnostics
    assert (diagnostic.span.line, diagnostic.span.column) == (12, 9)
    assert diagnostic.path == "/steps/0/action/data/from_email"


def test_a_warning_is_shown_and_lets_the_manifest_stand(tmp_path: Path) -> None:
    def inspect(payload: JsonObject, instructions: Instructions) -> tuple[Finding, ...]:
        assert instructions.owner == "team"
        assert payload["name"] == "Name of a"
        return (Finding(rule="OCX201", message="wide", path=("filter",), severity=Severity.WARNING),)

    write(tmp_path, {"a.yaml": manifest("a", extra="reconciler: {owner: team}\n")})
    loaded = load_all(tmp_path, inspect=inspect)
    assert said(loaded) == ["sequences/a.yaml:4:3 OCX201"]
    assert len(loaded.desired) == 1


def test_a_manifest_without_what_is_required_is_an_error_whatever_the_check_says(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "custom_id: a\nname: b\nsteps: []\n", "b.yaml": manifest("[b]")})
    assert said(load_all(tmp_path)) == ["sequences/a.yaml:1:1 OCX102", "sequences/b.yaml:1:1 OCX102"]


def mixed() -> dict[str, str]:
    """Return many manifests, some of them wrong in every way that loading knows."""
    said_to_tool = "reconciler: {owner: me, ignore: [/name], renamed_from: old, audience: everyone}\n"
    files = {f"f{number % 7}/{number}.yaml": manifest(f"id-{number}", extra=said_to_tool) for number in range(60)}
    files |= {"x/twice.yaml": manifest("id-3"), "x/case.yml": manifest("ID-4"), "x/bad.yaml": "a: no\na: 1\n"}
    files |= {
        "x/ref.yaml": manifest("ref", refers_to=("id-5", "id-99")),
        "x/self.yaml": manifest("me", refers_to=("me",)),
    }
    files |= {"x/p.yaml": manifest("p", refers_to=("q",)), "x/q.yaml": manifest("q", refers_to=("p",))}
    files |= {"x/file.yaml": manifest("file", body="{$file: body.txt}"), "x/body.txt": "text\n"}
    files |= {"x/var.yaml": manifest("var", body="{$var: missing}", extra="reconciler: {owner: me, ignore: [/name]}\n")}
    return files


def test_the_order_in_which_files_were_made_does_not_matter(tmp_path: Path) -> None:
    files = list(mixed().items())
    results = []
    for number, order in enumerate((files, files[::-1], files[::2] + files[1::2])):
        write(tmp_path / str(number), dict(order))
        results.append(load_all(tmp_path / str(number)))
    assert results[0].diagnostics
    assert results[0] == results[1] == results[2]


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    write(tmp_path, mixed())
    one, two = load_all(tmp_path, processes=1), load_all(tmp_path, processes=2)
    assert one == two
    assert len(one.desired) > 60


def test_a_child_that_dies_costs_time_and_nothing_else(tmp_path: Path) -> None:
    parent = os.getpid()

    def check(_: Json) -> tuple[Finding, ...]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return ()

    write(tmp_path, mixed())
    assert load_all(tmp_path, check=check, processes=2) == load_all(tmp_path, check=accept, processes=1)


def test_a_bug_in_the_check_is_not_hidden_by_the_child(tmp_path: Path) -> None:
    def check(value: Mapping[str, Json]) -> tuple[Finding, ...]:
        raise ZeroDivisionError

    write(tmp_path, mixed())
    with pytest.raises(ZeroDivisionError):
        load_all(tmp_path, check=check, processes=2)


def test_a_child_does_not_outlive_a_parent_that_gives_up() -> None:
    from_child, to_parent = os.pipe()
    started: list[int] = []

    def work() -> bytes:
        os.write(to_parent, str(os.getpid()).encode())
        signal.pause()
        return b""

    def give_up() -> None:
        with forked(work):
            started.append(int(os.read(from_child, 20)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
    os.close(from_child)
    os.close(to_parent)


def test_a_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        leave.set()
        thread.join()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(tmp_path: Path, *, enabled: bool) -> None:
    def check(_: Json) -> tuple[Finding, ...]:
        assert not gc.isenabled()
        return ()

    write(tmp_path, {"a.yaml": manifest("a")})
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        load_all(tmp_path, check=check)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
