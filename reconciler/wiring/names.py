"""The names that a repository knows, for whoever is about to type one. Nothing is asked over the network or written."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reconciler.adapters.config.reader import load_settings
from reconciler.model.settings import PRIVATE_FOLDER
from reconciler.wiring.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from reconciler.adapters.store.store import Store


def environment_names(root: Path) -> Iterable[str]:
    """Return the names of the repository's environments."""
    return load_settings(root, dict(os.environ)).environments


def manifest_ids(root: Path) -> Iterable[str]:
    """Return the custom_ids of the repository's manifests."""
    from reconciler.adapters.manifests.glance import custom_ids

    return custom_ids(root / load_settings(root, dict(os.environ)).manifests)


def owners(root: Path) -> Iterable[str]:
    """Return the owners that the repository's manifests name."""
    from reconciler.adapters.manifests.glance import owners

    return sorted(set(owners(root / load_settings(root, dict(os.environ)).manifests)))


def manifest_places(root: Path) -> Iterable[str]:
    """Return the path of every manifest and of every folder with manifests, relative to the root."""
    from reconciler.adapters.manifests.discovery import discover

    manifests = load_settings(root, dict(os.environ)).manifests
    files = [f"{manifests}/{path}" for path in discover(root / manifests).paths]
    folders = {folder.as_posix() for file in files for folder in PurePosixPath(file).parents} - {"."}
    return sorted({*files, *folders})


def recorded_ids(root: Path, environment: str | None) -> Iterable[str]:
    """Return the custom_ids that are recorded; those of the manifests where state is not on this machine."""
    store = _nearby(open_workspace(root, environment))
    if store is None:
        return manifest_ids(root)
    state = store.load()
    return () if state is None else sorted({*state.records, *state.pending})


def pending_ids(root: Path, environment: str | None) -> Iterable[str]:
    """Return the custom_ids whose writes nobody knows the end of."""
    store = _nearby(open_workspace(root, environment))
    state = store.load() if store else None
    return () if state is None else state.pending


def kept_runs(root: Path, environment: str | None) -> Iterable[str]:
    """Return what names each run that can be undone, the newest first."""
    from reconciler.core.runs import LAST, short

    store = _nearby(open_workspace(root, environment))
    state = store.load() if store else None
    runs = () if state is None else state.runs
    return (*((LAST,) if runs else ()), *(short(run.plan.digest) for run in reversed(runs)))


def lock_nonces(root: Path, environment: str | None) -> Iterable[str]:
    """Return the nonce of the lock on state, where somebody holds it."""
    store = _nearby(open_workspace(root, environment))
    hold = store.holder() if store else None
    return () if hold is None else (hold.nonce,)


def sandbox_ids(root: Path) -> Iterable[str]:
    """Return the custom_ids of the sequences in the embedded sandbox, if there is one."""
    from reconciler.wiring.api import SANDBOX_FILE, open_sandbox

    if not (root / PRIVATE_FOLDER / SANDBOX_FILE).exists():
        return ()
    with open_sandbox(root) as simulator:
        return [str(each["custom_id"]) for each in simulator.sequences() if each["custom_id"]]


def _nearby(workspace: Workspace) -> "Store | None":
    """Return the store of a state in a file; any other is too far away to be asked while somebody types."""
    from reconciler.wiring.state import open_store

    return open_store(workspace) if workspace.environment.state.startswith("file:") else None
