"""A new repository: which files it gets, and putting them there."""

import json
import os
from pathlib import Path

from reconciler.adapters.config.reader import choose, load_settings
from reconciler.adapters.manifests.discovery import discover
from reconciler.adapters.scaffold.ci import ci_files
from reconciler.adapters.scaffold.place import Placed, place
from reconciler.adapters.scaffold.templates import repository_files
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.snippets import snippets


def new_repository(root: Path, *, environment: str | None, forge: str | None) -> tuple[Placed, ...]:
    """Write what a repository at `root` lacks; a file that is there is left alone, also in a repository that is in use.

    Where there are manifests already, no example is added to them: the next plan would create it. The workflows of a
    forge (None: none) are for the environment, by default the one that is meant where nobody names any.
    """
    settings = load_settings(root, dict(os.environ))
    schema = (schemas_folder() / SEQUENCE_SCHEMA).read_bytes()
    files = dict(repository_files(settings.manifests, schema, snippets(json.loads(schema))))
    folder = root / settings.manifests
    if folder.is_dir() and (found := discover(folder).paths) and "welcome.yaml" not in found:
        files = {path: content for path, content in files.items() if not path.startswith(f"{settings.manifests}/")}
    if forge is not None:
        files |= ci_files(forge, settings.manifests, choose(settings, environment))
    return place(root, files)
