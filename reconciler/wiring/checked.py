"""What `validate` looks at beside the manifests themselves: which files were named, and the lines to show."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.excerpt import Excerpt
from reconciler.wiring.workspace import Workspace

# Bytes that count instead of those on disk, by the manifest's path relative to the manifests folder.
Given: TypeAlias = Mapping[str, bytes]

_ENDINGS = (".yaml", ".yml")
# Nobody reads more of them, and each file is read once more, with care for what is private in it.
MOST_EXCERPTS: Final = 500


def excerpts_of(workspace: Workspace, diagnostics: Sequence[Diagnostic], given: Given) -> list[Excerpt | None]:
    """Return for each diagnostic the line that it points at, None where there is none to show.

    The files are read once more, as the diagnostics' places are those of their bytes. Of very many diagnostics only the
    first MOST_EXCERPTS get a line, errors before warnings.
    """
    if not diagnostics:
        return []
    from reconciler.adapters.manifests.excerpts import excerpts

    by_file: dict[str, list[int]] = {}
    chosen = sorted(range(len(diagnostics)), key=lambda index: diagnostics[index].severity is not Severity.ERROR)
    for index in sorted(chosen[:MOST_EXCERPTS]):
        by_file.setdefault(diagnostics[index].file, []).append(index)
    found: list[Excerpt | None] = [None] * len(diagnostics)
    for file, indices in by_file.items():
        data = _data_of(workspace, file, given)
        if data is not None:
            spans = [diagnostics[index].span for index in indices]
            lines = excerpts(data, spans, is_manifest=file.endswith(_ENDINGS))
            for index, excerpt in zip(indices, lines, strict=True):
                found[index] = excerpt
    return found


def below_manifests(workspace: Workspace, file: str) -> str | None:
    """Return a path, relative to the repository's root, as it is below the manifests folder; None outside of it."""
    parts = Path(workspace.settings.manifests).parts
    of_file = Path(file).parts
    return "/".join(of_file[len(parts) :]) or None if of_file[: len(parts)] == parts else None


def checkout_prefix(root: Path) -> str:
    """Return what stands before paths of this repository in the checkout that it is a folder of, with a last `/`.

    What shows diagnostics beside a change knows only the checkout. It is found by its `.git`; without one, none.
    """
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return "".join(f"{part}/" for part in root.relative_to(folder).parts)
    return ""


def _data_of(workspace: Workspace, file: str, given: Given) -> bytes | None:
    from reconciler.adapters.manifests.document import Refusal
    from reconciler.adapters.manifests.files import MAX_MANIFEST, read_below

    path = below_manifests(workspace, file)
    if path is None:
        return None
    data = given.get(path)
    if data is None:
        read = read_below(workspace.settings.root / workspace.settings.manifests, path.split("/"), limit=MAX_MANIFEST)
        return None if isinstance(read, Refusal) else read
    return data
