"""The generated manifests: the same each time, valid, and with everything that the contract has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.generate import FILTERS, generate, manifest, path_of, write_repository

COUNT = 120


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [manifest(number) for number in range(COUNT)]


def _types(texts: list[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"\btype: (\w+)", text)}


def test_the_same_count_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "one", 30)
    generate(tmp_path / "other", 30)
    one, other = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.yaml")}
        for folder in (tmp_path / "one", tmp_path / "other")
    )
    assert one == other
    assert len(one) == 30


def test_more_manifests_leave_the_first_ones_as_they_were(tmp_path: Path) -> None:
    generate(tmp_path, 5)
    before = (tmp_path / path_of(4)).read_bytes()
    generate(tmp_path, 10)
    assert (tmp_path / path_of(4)).read_bytes() == before


def test_a_revision_changes_one_line_of_those_that_are_to_change(tmp_path: Path) -> None:
    generate(tmp_path, 3, revision=2, changed=2)
    for number, differing in ((0, 1), (1, 1), (2, 0)):
        now, was = (tmp_path / path_of(number)).read_text("utf-8").split("\n"), manifest(number).split("\n")
        assert sum(one != other for one, other in zip(now, was, strict=True)) == differing


def test_they_are_valid(tmp_path: Path) -> None:
    write_repository(tmp_path, COUNT)
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "-C", str(tmp_path), "validate"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{COUNT} manifests checked, all valid.\n"
    assert done.returncode == 0


def test_they_have_about_3_kilobytes(texts: list[str]) -> None:
    assert 2500 < sum(map(len, texts)) / COUNT < 3700


def test_they_hold_every_action(texts: list[str]) -> None:
    assert {"send_emails", "make_phone_calls", "send_sms_messages", "send_whatsapp_messages"} <= _types(texts)


def test_they_hold_every_filter_and_none(texts: list[str]) -> None:
    assert {*FILTERS, "all_contacts"} <= _types(texts)
    assert len({*FILTERS, "all_contacts"}) == 13
    assert any("\nfilter: null\n" in text for text in texts)


def test_they_hold_every_header_and_variable(texts: list[str]) -> None:
    assert {"text", "image", "video", "document", "location", "button"} <= _types(texts)
    assert {"CONSTANT", "DYNAMIC", "GLOBAL_DYNAMIC"} <= _types(texts)


def test_they_have_1_to_6_steps(texts: list[str]) -> None:
    assert {text.count("  - action:") for text in texts} == {1, 2, 3, 4, 5, 6}


def test_references_lead_only_to_lower_numbers(texts: list[str]) -> None:
    references = [
        (number, int(found))
        for number, text in enumerate(texts)
        for found in re.findall(r"\{\$sequence: bench-(\d+)\}", text)
    ]
    assert references
    assert all(found < number for number, found in references)
