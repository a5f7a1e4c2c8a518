"""Changing manifests in the repository: minimal edits that are read back before they are put in place."""

import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, Final

from reconciler.adapters.manifests.characters import BOM
from reconciler.adapters.manifests.creating import create_files, refuse_outside
from reconciler.adapters.manifests.discovery import discover
from reconciler.adapters.manifests.document import Document, Malformed, Refusal
from reconciler.adapters.manifests.dressing import Wardrobe, dressed, in_order
from reconciler.adapters.manifests.editing import Editor, Sides
from reconciler.adapters.manifests.files import MAX_MANIFEST, read_below
from reconciler.adapters.manifests.instructions import FILE
from reconciler.adapters.manifests.reader import read
from reconciler.adapters.manifests.rewriting import formatted
from reconciler.adapters.manifests.syntax import UnusualError, parse
from reconciler.adapters.store.durable import replace_file
from reconciler.app.keeping import Edited
from reconciler.core.audience import everyone
from reconciler.core.meaning import same_payload
from reconciler.core.references import resolve as with_ids
from reconciler.core.taking import Taking
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import RefusedError
from reconciler.model.sequence import Desired, Payload
from reconciler.wiring.importing import RepositoryDesk

_CANNOT: Final = (
    "its manifest is written in a way that cannot be edited safely: change it by hand, to what the plan shows"
)
_EVERYONE: Final = "its filter can match EVERYONE now: `audience: everyone` is written down; look whether that is meant"


class EditingDesk(RepositoryDesk):
    """The repository's manifests, changed in place (a Desk of `app.keeping`)."""

    def edit(self, desired: Desired, taking: Taking, names: Mapping[str, str]) -> Edited | str:
        """Return the manifest with what is taken, edited as little as can be; or why it cannot be changed."""
        path = desired.source.file.removeprefix(self._stage.prefix)
        data = read_below(self._stage.folder, path.split("/"), limit=MAX_MANIFEST)
        document = read(data) if not isinstance(data, Refusal) else None
        if isinstance(data, Refusal) or not isinstance(document, Document):
            return _CANNOT
        for way in (_in_place, _by_field, _whole):
            wardrobe = self._wardrobe(path, document.value, names)
            try:
                text, notes = way(self, path, data, document, taking, wardrobe)
            except (UnusualError, IndexError, KeyError, ValueError):
                continue
            edited = self._checked(path, data, text, wardrobe, desired, taking, names)
            if edited is not None:
                if _comes_to_reach_everyone(taking, desired.instructions.audience):
                    notes = [_EVERYONE, *notes]
                return Edited(desired=edited[0], files=edited[1], before=edited[2], notes=tuple(notes))
        return _CANNOT

    def swap(self, edited: Edited) -> tuple[str, ...]:
        """Put the files in place, all or none; the texts that a manifest brings in come before it."""
        for path, before in edited.before.items():
            refuse_outside(self._stage.folder, path)
            if before is not None and (self._stage.folder / path).read_bytes() != before:
                raise RefusedError(f"{self._stage.prefix}{path} has changed meanwhile; nothing of it was written")
        done: list[str] = []
        with undisturbed():
            create_files(self._stage.folder, {p: d for p, d in edited.files.items() if edited.before[p] is None})
            try:
                for path, data in edited.files.items():
                    if edited.before[path] is not None:
                        self._replace(path, data)
                        done.append(path)
            except OSError as error:
                for path in done:
                    self._replace(path, edited.before[path] or b"")
                for path, before in edited.before.items():
                    if before is None:
                        (self._stage.folder / path).unlink(missing_ok=True)
                reason = (error.strerror or type(error).__name__).lower()
                raise RefusedError(f"its files cannot be written, and are what they were: {reason}") from error
        return tuple(map(self.shown, edited.files))

    def _replace(self, path: str, data: bytes) -> None:
        file = self._stage.folder / path
        replace_file(file, data, mode=stat.S_IMODE(file.stat().st_mode))

    def _wardrobe(self, path: str, value: Any, names: Mapping[str, str]) -> Wardrobe:
        def is_free(name: str) -> bool:
            return not (self._stage.folder / _beside(path, name)).exists()

        return Wardrobe(stem=Path(path).stem, names=names, is_free=is_free, is_shared=self._sharing(path, value))

    def _sharing(self, path: str, value: Any) -> Callable[[str], bool]:
        own = [_beside(path, each) for each in _file_names(value)]

        def is_shared(name: str) -> bool:
            file = _beside(path, name)
            return own.count(file) > 1 or any(file in each for each in self._others(path, file))

        return is_shared

    def _others(self, path: str, file: str) -> Iterator[list[str]]:
        """Yield the files that other manifests bring in, of those that could mean this one."""
        sign = Path(file).name.encode()
        for other in discover(self._stage.folder).paths:
            data = read_below(self._stage.folder, other.split("/"), limit=MAX_MANIFEST) if other != path else b""
            if not isinstance(data, Refusal) and FILE.encode() in data and sign in data:
                document = read(data)
                if isinstance(document, Document):
                    yield [_beside(other, each) for each in _file_names(document.value)]

    def _checked(
        self,
        path: str,
        data: bytes,
        text: str,
        wardrobe: Wardrobe,
        desired: Desired,
        taking: Taking,
        names: Mapping[str, str],
    ) -> tuple[Desired, dict[str, bytes], dict[str, bytes | None]] | None:
        """Return what would be written, if it reads back to exactly what is wanted."""
        before = self._files_of(path, data)
        files = {_beside(path, name): each.encode() for name, each in wardrobe.new.items()}
        for name, each in wardrobe.changed.items():
            old = before.get(_beside(path, name), b"")
            files[_beside(path, name)] = (each.replace("\n", "\r\n") if b"\r\n" in old else each).encode()
        files[path] = self._in_form(data, text)
        found = self._stage.read(path, {**before, **files})
        said = desired.instructions
        if _comes_to_reach_everyone(taking, said.audience):
            said = replace(said, audience="everyone")
        if not isinstance(found, Desired) or found.instructions != said:
            return None
        ids = {name: id_ for id_, name in names.items()}
        if not same_payload(with_ids(found.payload, ids), Payload.of(taking.after)):
            return None
        moved = {each: content for each, content in files.items() if before.get(each) != content}
        return found, moved, {each: before.get(each) for each in moved}

    def _files_of(self, path: str, data: bytes) -> dict[str, bytes]:
        document = read(data)
        value = document.value if isinstance(document, Document) else {}
        found: dict[str, bytes] = {path: data}
        for name in _file_names(value):
            content = read_below(self._stage.folder, _beside(path, name).split("/"), limit=MAX_MANIFEST)
            if not isinstance(content, Refusal):
                found[_beside(path, name)] = content
        return found

    def _in_form(self, data: bytes, text: str) -> bytes:
        """Return the text as the file has it: its byte order mark, its line breaks, and in canonical form if it was."""
        if b"\r\n" in data.partition(b"\n")[0] + b"\n":
            text = text.replace("\n", "\r\n")
        changed = (BOM if data.startswith(BOM.encode()) else "").encode() + text.encode()
        if formatted(data, self._stage.order_of) != data:
            return changed
        in_form = formatted(changed, self._stage.order_of)
        return changed if isinstance(in_form, Malformed) else in_form

    def order_of(self, value: Any) -> Any:
        """Return the order of the keys of each mapping in a manifest's value."""
        return self._stage.order_of(value)

    def written(self, path: str, value: Any) -> bytes:
        """Return a manifest's bytes in canonical form."""
        return self._stage.written(path, value)


def _sides(desk: EditingDesk, document: Document, taking: Taking) -> Sides:
    before, after = dict(taking.before), dict(taking.after)
    said = document.value.get("reconciler") or {}
    if _comes_to_reach_everyone(taking, said.get("audience")):
        before |= {"reconciler": said} if said else {}
        after["reconciler"] = {**said, "audience": "everyone"}
    return Sides(document.value, before, in_order(after, desk.order_of(after), ()))


def _comes_to_reach_everyone(taking: Taking, declared: str | None) -> bool:
    return declared is None and everyone(taking.after["filter"]) is not None


def _editor(desk: EditingDesk, data: bytes, document: Document, wardrobe: Wardrobe) -> Editor:
    text = data.decode("utf-8").removeprefix(BOM).replace("\r\n", "\n")
    order = desk.order_of(document.value)
    return Editor(parse(text if text.endswith("\n") else text + "\n"), lambda path: order.get(path, ()), wardrobe)


def _in_place(
    desk: EditingDesk, _path: str, data: bytes, document: Document, taking: Taking, wardrobe: Wardrobe
) -> tuple[str, list[str]]:
    editor = _editor(desk, data, document, wardrobe)
    return editor.edit(_sides(desk, document, taking)), editor.notes


def _by_field(
    desk: EditingDesk, _path: str, data: bytes, document: Document, taking: Taking, wardrobe: Wardrobe
) -> tuple[str, list[str]]:
    editor = _editor(desk, data, document, wardrobe)
    return editor.anew(_sides(desk, document, taking)), editor.notes


def _whole(
    desk: EditingDesk, path: str, data: bytes, document: Document, taking: Taking, wardrobe: Wardrobe
) -> tuple[str, list[str]]:
    value, sides = {**document.value}, _sides(desk, document, taking)
    for key, after in sides.after.items():
        if key in value:
            value[key] = dressed(wardrobe, value[key], sides.before[key], after, (key,))
        elif key not in sides.before or sides.before[key] != after:
            value[key] = after
    head = []
    for line in data.decode("utf-8").removeprefix(BOM).replace("\r\n", "\n").split("\n"):
        if line.strip() and not line.startswith("#"):
            break
        head.append(line)
    body = desk.written(path, value).decode().partition("\n")[2]
    return "\n".join([*head, body]), ["it was written anew as a whole, without the comments in it"]


def _beside(manifest: str, name: str) -> str:
    return normpath(join(dirname(manifest), name))


def _file_names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(FILE), str):
            yield value[FILE]
        for each in value.values():
            yield from _file_names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _file_names(each)
