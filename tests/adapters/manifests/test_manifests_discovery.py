"""Which files are manifests, and that nothing that looks like one is passed over."""

import os
import socket
from pathlib import Path

import pytest

from reconciler.adapters.manifests.discovery import discover
from reconciler.errors import ConfigurationError
from tests.adapters.manifests.manifest_files import load_all, manifest, said, write


def test_manifests_are_found_in_all_folders_and_sorted(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/z.yml", "a/b/c.yaml", "a.yaml", "readme.md", "a/body.html", ".hidden/x.yaml", ".x.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = discover(tmp_path)
    assert found.paths == ("a.yaml", "a/b/c.yaml", "a/z.yml", "b.yaml")
    assert found.refused == ()


def test_whatever_looks_like_a_manifest_and_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").touch()
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    (tmp_path / "dangling.yml").symlink_to("nowhere")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "outside").symlink_to("/etc")
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "note.txt").symlink_to("real.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "folder.yaml" / "inside.yaml").touch()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "Loud.YAML").touch()
    (tmp_path / "two\nlines.yaml").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).touch()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(tmp_path / "socket.yaml"))
        found = discover(tmp_path)
    assert found.paths == ("real.yaml",)
    assert [(each.path, each.refusal.rule) for each in found.refused] == [
        ("Loud.YAML", "OCX007"),
        ("\\udcff.yaml", "OCX007"),
        ("dangling.yml", "OCX002"),
        ("folder.yaml", "OCX002"),
        ("link.yaml", "OCX002"),
        ("loop.yaml", "OCX002"),
        ("outside", "OCX002"),
        ("pipe.yaml", "OCX002"),
        ("self", "OCX002"),
        ("socket.yaml", "OCX002"),
        ("two\\nlines.yaml", "OCX007"),
    ]


def test_names_that_some_systems_take_for_one_are_refused(tmp_path: Path) -> None:
    for name in ("welcome.yaml", "Welcome.yaml", "caf\u00e9.yaml", "cafe\u0301.yaml"):
        (tmp_path / name).touch()
    found = discover(tmp_path)
    assert found.paths == ("Welcome.yaml", "cafe\u0301.yaml")
    assert [(each.path, each.refusal.rule) for each in found.refused] == [
        ("caf\u00e9.yaml", "OCX006"),
        ("welcome.yaml", "OCX006"),
    ]
    assert "`Welcome.yaml`" in found.refused[1].refusal.message


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        discover(tmp_path / "sequences")
    (tmp_path / "sequences").mkdir()
    assert load_all(tmp_path).files == 0


def test_files_that_cannot_be_read_are_reported_beside_those_that_can(tmp_path: Path) -> None:
    write(tmp_path, {"good.yaml": manifest("good"), "large.yaml": b"#" * (2**20 + 1), "full.yaml": b"#" * 2**20})
    write(tmp_path, {"latin.yaml": b"name: caf\xe9\n"})
    os.mkfifo(tmp_path / "sequences" / "pipe.yml")
    loaded = load_all(tmp_path)
    assert said(loaded) == [
        "sequences/full.yaml:1:1 OCX011",
        "sequences/large.yaml:1:1 OCX003",
        "sequences/latin.yaml:1:10 OCX004",
        "sequences/pipe.yml:1:1 OCX002",
    ]
    assert [each.custom_id for each in loaded.desired] == ["good"]


def test_a_link_that_leads_to_itself_keeps_no_neighbour_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "real.yaml").touch()
    found = discover(tmp_path)
    assert found.paths == ("real.yaml",)
    assert [each.path for each in found.refused] == ["loop.yaml"]
