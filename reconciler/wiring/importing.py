"""Where imported manifests are written and checked: in the repository, and on a stage for what is not there yet."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.manifests.creating import create_files
from reconciler.adapters.manifests.document import Document, Malformed, Value
from reconciler.adapters.manifests.leaves import Order
from reconciler.adapters.manifests.manifest import ManifestReader
from reconciler.adapters.manifests.reader import read
from reconciler.adapters.manifests.rewriting import formatted
from reconciler.adapters.manifests.writing import block_lines
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.adapters.schemas.order import key_order
from reconciler.app.importing import Draft
from reconciler.core.composing import Composed
from reconciler.core.modeline import modeline
from reconciler.core.undisturbed import undisturbed
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.jsonvalue import strictly_equal
from reconciler.model.sequence import Desired
from reconciler.model.state import Settled, State
from reconciler.ports import StateStore
from reconciler.wiring.looking import Looking
from reconciler.wiring.workspace import Workspace

if TYPE_CHECKING:
    from reconciler.ports import Session


class Stage:
    """Reads manifests that are not in the repository, with everything that is asked of those that are."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.check = ManifestChecker(schemas_folder() / SEQUENCE_SCHEMA).check
        self._looking = Looking(workspace.settings.lint)
        self._schema = json.loads((schemas_folder() / SEQUENCE_SCHEMA).read_bytes())

    @property
    def folder(self) -> Path:
        """The manifests folder."""
        return self._workspace.settings.root / self._workspace.settings.manifests

    @property
    def prefix(self) -> str:
        """What stands before the path of a manifest in that folder, relative to the repository's root."""
        manifests = Path(self._workspace.settings.manifests)
        return f"{manifests.as_posix()}/" if manifests.parts else ""

    def order_of(self, value: Value) -> Order:
        """Return the order of the keys of each mapping in a manifest's value."""
        return key_order(self._schema, value)

    def read(self, path: str, files: Mapping[str, bytes]) -> Desired | tuple[Diagnostic, ...]:
        """Return what the manifest at a path asks for, of files that lie in an otherwise empty folder."""
        with tempfile.TemporaryDirectory(prefix="reconciler-") as name:
            for each, data in files.items():
                file = Path(name, each)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            reading = ManifestReader(
                folder=Path(name),
                prefix=self.prefix,
                variables=self._workspace.environment.variables,
                check=self.check,
                inspect=self._looking.inspect,
                silence=self._looking.silence,
            ).read(path)
        errors = tuple(each for each in reading.diagnostics if each.severity is Severity.ERROR)
        return errors or reading.desired or reading.diagnostics

    def written(self, path: str, value: Value) -> bytes:
        """Return a manifest's bytes in canonical form, with the line for editors above it."""
        text = "\n".join([modeline(self.prefix + path), *block_lines(value, 0)]) + "\n"
        data = formatted(text.encode(), self.order_of)
        if isinstance(data, Malformed):
            # What no manifest may hold is still written, so that its reader says what is wrong with it.
            return text.encode()
        result = read(data)
        if not isinstance(result, Document) or not strictly_equal(result.value, value):
            raise AssertionError("a manifest that was written does not read back to what was to be written")
        return data


class RepositoryDesk:
    """The repository's own manifests folder, below `out` in it, and state (a Desk of the app)."""

    def __init__(self, workspace: Workspace, stage: Stage, store: StateStore, base: State | None, *, out: str) -> None:
        self._root = workspace.settings.root
        self._stage = stage
        self._store = store
        self._base = base
        self._out = out
        self._session: Session | None = None

    def draft(self, composed: Composed) -> Draft | tuple[Diagnostic, ...]:
        """Return what would be written, read back from what it would be; or what is wrong with it."""
        path = f"{self._out}{composed.custom_id}.yaml"
        files = {f"{self._out}{name}": text.encode() for name, text in composed.texts.items()}
        files[path] = self._stage.written(path, composed.value)
        desired = self._stage.read(path, files)
        return Draft(desired=desired, files=files) if isinstance(desired, Desired) else desired

    def shown(self, path: str) -> str:
        """Return the path of a file in the manifests folder as it is from the repository's root."""
        return self._stage.prefix + path

    def put(self, draft: Draft) -> tuple[str, ...]:
        """Write the files where nothing is, all or none, and return their paths."""
        with undisturbed():
            create_files(self._stage.folder, draft.files)
        return tuple(map(self.shown, draft.files))

    def ready(self) -> None:
        """Take the lock of state, once: before anything is written, and not before something is to be."""
        if self._session is None:
            with undisturbed():
                self._session = self._store.begin(self._base, "import")

    def record(self, entry: Settled) -> None:
        """Make a record durable."""
        self.ready()
        if self._session is not None:
            self._session.append(entry)

    def finish(self) -> State | None:
        """Save what was recorded, and return state; None where nothing was."""
        if self._session is None:
            return None
        with undisturbed():
            return self._session.finish()
