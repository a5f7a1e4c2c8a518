"""The kinds of places that the contract suite is run over: another one is one line in KINDS."""

from pathlib import Path
from typing import Final

import pytest

from reconciler.adapters.store.file import FileBackend
from tests.adapters.store.git_places import make_places
from tests.adapters.store.s3_service import s3_place
from tests.adapters.store.store_contract import Kind, Place


def file_place(folder: Path) -> Place:
    path = folder / "private" / "state.json"
    return Place(open=lambda: FileBackend(path), emergency=folder / "emergency")


def git_place(folder: Path) -> Place:
    return Place(open=make_places(folder).backend, emergency=folder / "emergency")


KINDS: Final[dict[str, Kind]] = {
    "file": file_place,
    "git": git_place,
    "s3": s3_place,
}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A fresh place of each kind."""
    return KINDS[request.param](tmp_path)
