"""The temp folder in which a backend does its work: made at the first use, private, and gone with the backend."""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reconciler.adapters.store.git_link import Link, read_link
from reconciler.adapters.store.git_private import Private, make_private
from reconciler.errors import StateError


class Workplace:
    """Private repositories that reach `remote` as the git repository that `repository` is in does.

    A temp folder, and not one beside the state: two processes share nothing, so none can block another, and what a
    killed one leaves is in nobody's way. Safe to use from several threads.
    """

    def __init__(self, repository: Path, remote: str, *, timeout: float) -> None:
        self._repository = repository
        self._remote = remote
        self._timeout = timeout
        self._opening = threading.Lock()
        self._opened: tuple[Path, Link, Private] | None = None

    @property
    def private(self) -> Private:
        """The repository in which versions are made and read; ConfigurationError or StateError where none can be."""
        return self._open()[2]

    @contextmanager
    def past(self, ref: str) -> Iterator[tuple[Private, Sequence[tuple[str, str]]]]:
        """Have the log of a ref, in a repository of its own: contents stay on the server until they are read."""
        top, link, _ = self._open()
        try:
            folder = Path(tempfile.mkdtemp(prefix="past-", dir=top))
        except OSError as error:
            raise _unusable(error) from error
        try:
            past = self._repository_in(folder, link)
            tip = past.fetch(ref, contents=False) if past.tips(ref) else None
            yield past, past.log(tip) if tip else ()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def require_room(self, size: int) -> None:
        """See that so many bytes can be made ready to be sent; else StateError."""
        free = shutil.disk_usage(self._open()[0]).free
        # The object, the pack that is sent, and what git writes beside them.
        if free < 3 * size:
            raise StateError(
                f"no space to prepare the state in {tempfile.gettempdir()}: {3 * size} bytes are needed, "
                f"{free} are free",
                hint="make room there, or name another folder in TMPDIR",
            )

    def _open(self) -> tuple[Path, Link, Private]:
        with self._opening:
            if self._opened is None:
                try:
                    top = Path(tempfile.mkdtemp(prefix="reconciler-git-"))
                except OSError as error:
                    raise _unusable(error) from error
                try:
                    self._opened = self._made(top)
                except BaseException:
                    shutil.rmtree(top, ignore_errors=True)
                    raise
                weakref.finalize(self, shutil.rmtree, top, ignore_errors=True)
            return self._opened

    def _made(self, top: Path) -> tuple[Path, Link, Private]:
        try:
            make_private(top / "blank")
        except OSError as error:
            raise _unusable(error) from error
        link = read_link(self._repository, self._remote, private=top / "blank", timeout=self._timeout)
        return top, link, self._repository_in(top / "state", link)

    def _repository_in(self, folder: Path, link: Link) -> Private:
        try:
            make_private(folder, link.algorithm)
        except OSError as error:
            raise _unusable(error) from error
        return Private(folder, link, remote=self._remote, timeout=self._timeout)


def _unusable(error: OSError) -> StateError:
    return StateError(
        f"cannot prepare state in a temp folder: {error.strerror}",
        hint="make room there, or name another folder in TMPDIR",
    )
