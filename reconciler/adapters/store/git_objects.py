"""Git's objects as bytes, what our commits say of themselves, and which refs may hold a state. No process, no file.

One version of anything that is kept is one commit whose tree holds one file. Each commit carries a nonce, so that no
two writes ever have the same id: the id alone tells whose write is there.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from reconciler.errors import ConfigurationError
from reconciler.model.state import Saved

# What git and its hosts keep under refs/ for themselves: branches start workflows, tags are releases, and so on.
# fmt: off
_TAKEN: Final = frozenset((
    "heads", "tags", "remotes", "notes", "replace", "stash", "bisect", "worktree", "rewritten", "original",
    "prefetch", "pull", "pulls", "changes", "for", "meta", "merge-requests", "keep-around", "environments",
    "pipelines", "users", "groups", "cache-automerge",
))
# fmt: on
# Narrower than `git check-ref-format`: no sign that a shell, a refspec or a URL reads as its own, and no `@`, which
# separates the names of the lock and the journal from that of their state.
_PART: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.))*")
_LONGEST_REF: Final = 200
_IDENTITY: Final = "reconciler <reconciler@localhost>"


class GitObject(NamedTuple):
    """One object: its id in hex, and its bytes as they are hashed, header included."""

    name: str
    data: bytes


def require_state_ref(ref: str) -> None:
    """See that a ref may hold a state; ConfigurationError otherwise. What passes, `git check-ref-format` passes too."""
    root, *parts = ref.split("/")
    if root != "refs" or len(parts) < 2:
        raise ConfigurationError(
            f"state cannot be kept on the git ref {ref!r}: it must begin with `refs/` and have two more parts",
            hint="write it in full, as in `git:refs/reconciler/production`",
        )
    if parts[0] in _TAKEN:
        raise ConfigurationError(
            f"state cannot be kept on the git ref {ref!r}: git or its hosts use `refs/{parts[0]}/` for something else",
            hint="use a name of its own, as in `git:refs/reconciler/production`",
        )
    if len(ref) > _LONGEST_REF or not all(map(_is_part, parts)):
        raise ConfigurationError(
            f"state cannot be kept on the git ref {ref!r}: that is no name for a ref",
            hint="use letters, digits, `-`, `_` and single dots, as in `git:refs/reconciler/production`",
        )


def _is_part(part: str) -> bool:
    return bool(_PART.fullmatch(part)) and not part.endswith((".", ".lock"))


def is_commit_name(version: str) -> bool:
    """Tell whether a version can be one of ours at all."""
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", version) is not None


def subject_of(saved: Saved) -> str:
    """Return the commit message of a saved version; `saved_of` reads it back."""
    by = " ".join("".join(sign if sign.isprintable() else " " for sign in saved.by).split())
    since = " ".join(saved.since.split())
    return f"Serial {saved.serial}, by {by}\n\nSerial: {saved.serial}\nSince: {since}\nBy: {by}"


def saved_of(message: str) -> Saved | None:
    """Return what a commit message says of the version that was saved; None where it is none of ours."""
    found = re.search(r"^Serial: ([0-9]{1,18})\nSince: (.*)\nBy: (.*)$", message, re.MULTILINE)
    return Saved(serial=int(found[1]), since=found[2], by=found[3]) if found else None


def seconds_of(moment: str) -> int | None:
    """Return RFC 3339 text as seconds since 1970; None for anything else, and for what a commit cannot carry."""
    try:
        seconds = int(datetime.fromisoformat(moment).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= 0 else None


def version_objects(
    file: str, data: bytes, *, message: str, seconds: int, parents: Sequence[str], algorithm: str
) -> tuple[GitObject, ...]:
    """Return the objects of one version; the last is the commit. `algorithm` is the repository's: sha1 or sha256."""
    blob = _object("blob", data, algorithm)
    tree = _object("tree", b"100644 %s\0%s" % (file.encode(), bytes.fromhex(blob.name)), algorithm)
    when = f"{_IDENTITY} {seconds} +0000"
    lines = [
        f"tree {tree.name}",
        *(f"parent {parent}" for parent in parents),
        f"author {when}",
        f"committer {when}",
        "",
        message,
        f"Nonce: {uuid.uuid4().hex}",
        "",
    ]
    return blob, tree, _object("commit", "\n".join(lines).encode("utf-8", "replace"), algorithm)


def _object(kind: str, content: bytes, algorithm: str) -> GitObject:
    data = b"%s %d\0%s" % (kind.encode(), len(content), content)
    return GitObject(hashlib.new(algorithm, data, usedforsecurity=False).hexdigest(), data)
