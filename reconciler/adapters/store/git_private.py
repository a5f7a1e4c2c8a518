"""A bare repository of our own in a temp folder, and what goes between it and the remote.

State never enters the user's repository: no object, ref, FETCH_HEAD, lock file or garbage of ours is ever in it, and a
killed run leaves nothing there that could stop the user's git. The folder is private and goes with its backend.
"""

import os
import re
import secrets
import zlib
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.adapters.store.git_link import Link
from reconciler.adapters.store.git_objects import GitObject
from reconciler.adapters.store.git_process import Ended, failure, run_git
from reconciler.errors import StateError

# Over whatever the user's own configuration says: nothing runs beside, nothing is pushed or fetched along. What lies
# here need not outlive a power cut; the remote sees to that for what is sent.
_CONFIG: Final = """\
[core]
	repositoryformatversion = 1
	bare = true
	logAllRefUpdates = false
	fsync = none
[gc]
	auto = 0
[maintenance]
	auto = false
[push]
	followTags = false
	gpgSign = false
	pushOption =
	recurseSubmodules = no
	useForceIfIncludes = false
[fetch]
	prune = false
	pruneTags = false
	recurseSubmodules = false
	writeCommitGraph = false
[submodule]
	recurse = false
[color]
	ui = false
[log]
	showSignature = false
"""
# What servers say where two writers meet: one that lost, and one that came while the other still held the ref.
_RACE: Final = r"\block\b|failed to (update|delete|lock)|already exists|incorrect old value|but expected"


class Pushed(Enum):
    """What a push came to."""

    DONE = auto()
    MOVED = auto()  # the remote's ref was not where it was expected: nothing was written
    RACED = auto()  # the server refused, as it does when another writer is at it: nothing was written
    REFUSED = auto()  # the server refused: nothing was written
    UNKNOWN = auto()  # no verdict came


class Verdict(NamedTuple):
    """What a push came to, and the failure that it is where it is one."""

    pushed: Pushed
    failure: StateError | None = None


def make_private(folder: Path, algorithm: str = "sha1") -> None:
    """Make a bare repository without git, so that no template of the user's gets into it; OSError where it cannot."""
    for part in ("objects", "refs"):
        (folder / part).mkdir(parents=True, mode=0o700)
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    extension = "" if algorithm == "sha1" else f"[extensions]\n\tobjectFormat = {algorithm}\n"
    (folder / "config").write_text(_CONFIG + extension)


class Private:
    """A private repository and the remote that it speaks to. `timeout` is in seconds, for each call of git."""

    def __init__(self, folder: Path, link: Link, *, remote: str, timeout: float) -> None:
        self._folder = folder
        self._link = link
        self._environment = {**link.environment, "GIT_DIR": str(folder)}
        self._remote = remote
        self._timeout = timeout

    @property
    def algorithm(self) -> str:
        """The hash that names objects."""
        return self._link.algorithm

    def add(self, objects: Iterable[GitObject]) -> None:
        """Put objects in; StateError where the temp folder cannot take them."""
        try:
            for each in objects:
                path = self._folder / "objects" / each.name[:2] / each.name[2:]
                path.parent.mkdir(exist_ok=True, mode=0o700)
                # Another thread may add the same blob or tree: git must never see half of it.
                half = path.with_name(f"tmp_obj_{secrets.token_hex(8)}")
                half.write_bytes(zlib.compress(each.data, 1))
                half.replace(path)
        except OSError as error:
            raise StateError(
                f"cannot prepare state in {self._folder}: {os.strerror(error.errno or 0)}",
                hint="make room there, or name another folder in TMPDIR",
            ) from error

    def tips(self, *refs: str) -> dict[str, str]:
        """Return where these refs of the remote point; a ref that it does not have is left out."""
        ended = self._git("ls-remote", "--", self._remote, *refs)
        if ended.code != 0:
            raise self._failure(f"cannot read {refs[0]} on {self._remote}", ended)
        lines = (line.split("\t", 1) for line in ended.out.decode().splitlines())
        # A pattern also fits the end of longer names.
        return {ref: name for name, ref in lines if ref in refs}

    def fetch(self, ref: str, *, depth: int | None = None, contents: bool = True) -> str | None:
        """Bring in what a ref of the remote points at, and its past, and return its id; None where there is no ref.

        Without `contents` the files are left there, where the server knows how to.
        """
        ours = "refs/fetched/" + ref.removeprefix("refs/")
        options = ["--no-tags", "--no-write-fetch-head", "--quiet"]
        options += [] if depth is None else [f"--depth={depth}"]
        options += [] if contents else ["--filter=blob:none"]
        ended = self._git("fetch", *options, "--", self._remote, f"+{ref}:{ours}")
        if ended.code != 0:
            # It may have been removed since it was seen: told by asking, not by git's wording.
            if not self.tips(ref):
                return None
            raise self._failure(f"cannot read {ref} on {self._remote}", ended)
        ended = self._git("rev-parse", "--verify", "--quiet", ours)
        return ended.out.decode().strip() or None

    def push(self, ref: str, new: str | None, *, expected: str | None, trial: bool = False) -> Verdict:
        """Have the remote replace a ref (None: have none), if it points where it is expected to. Never raises for it.

        `trial` asks for permission and writes nothing.
        """
        options = ["--porcelain", "--no-verify", f"--force-with-lease={ref}:{expected or ''}"]
        options += ["--dry-run"] if trial else []
        ended = self._git("push", *options, "--", self._remote, f"{new or ''}:{ref}")
        return self._verdict(f"cannot write {ref} on {self._remote}", ended)

    def _verdict(self, what: str, ended: Ended) -> Verdict:
        # One ref was pushed, so there is at most one such line: flag, names, and the reason in the last brackets.
        found = re.search(rb"^(.)\t\S*:\S+\t(\[[a-z ]+\])?.*?(?:\((.*)\))?$", ended.out, re.MULTILINE)
        if found is None or ended.code is None:
            return Verdict(Pushed.UNKNOWN, self._failure(what, ended))
        if found[1] != b"!":
            return Verdict(Pushed.DONE)
        if found[2] == b"[rejected]":
            return Verdict(Pushed.MOVED)
        reason = (found[3] or b"").decode("utf-8", "replace")
        error = self._failure(what, ended._replace(words=f"{reason}; {ended.words}".strip("; ")))
        if found[2] != b"[remote rejected]":
            return Verdict(Pushed.UNKNOWN, error)
        return Verdict(Pushed.RACED if re.search(_RACE, reason) else Pushed.REFUSED, error)

    def read(self, *names: str) -> list[bytes | None]:
        """Return the contents of objects that are here; None for one that is not."""
        ended = self._git("cat-file", "--batch", data="".join(f"{name}\n" for name in names).encode())
        if ended.code != 0:
            raise self._failure(f"cannot read what {self._remote} sent", ended)
        contents: list[bytes | None] = []
        rest = memoryview(ended.out)
        for _ in names:
            end = ended.out.index(b"\n", len(ended.out) - len(rest)) - (len(ended.out) - len(rest))
            *_, last = bytes(rest[:end]).split(b" ")
            rest = rest[end + 1 :]
            if not last.isdigit():
                contents.append(None)
                continue
            contents.append(bytes(rest[: int(last)]))
            rest = rest[int(last) + 1 :]
        return contents

    def log(self, tip: str) -> Sequence[tuple[str, str]]:
        """Return the id and the message of a commit and of those before it, the newest first."""
        ended = self._git("log", "-z", "--first-parent", "--no-notes", "--encoding=UTF-8", "--format=%H%n%B", tip, "--")
        if ended.code != 0:
            raise self._failure(f"cannot read the history that {self._remote} sent", ended)
        entries = ended.out.decode("utf-8", "replace").split("\0")
        return [(name, message) for name, _, message in (entry.partition("\n") for entry in entries) if name]

    def _git(self, *arguments: str, data: bytes = b"") -> Ended:
        return run_git(
            arguments, folder=self._link.folder, environment=self._environment, timeout=self._timeout, data=data
        )

    def _failure(self, what: str, ended: Ended) -> StateError:
        return failure(what, ended, timeout=self._timeout)
