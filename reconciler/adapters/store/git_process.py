"""Running git: a list of arguments, a time limit, no prompt, no hook of the user's, and words that are safe to show."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.errors import StateError

# Set where git itself runs us (in a hook), these would lead git to another repository than the one that was named.
# fmt: off
_LEADING_ASTRAY: Final = frozenset((
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE", "GIT_NO_REPLACE_OBJECTS", "GIT_GRAFT_FILE", "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_IMPLICIT_WORK_TREE", "GIT_DEFAULT_HASH", "GIT_CONFIG", "GIT_CURL_VERBOSE", "GIT_REF_STORAGE",
    "GIT_PUSH_OPTION_COUNT",
))
# fmt: on
_MOST_WORDS: Final = 600

# What git and the programs it starts say, and what helps. The first that fits.
_HINTS: Final = (
    (
        r"hook declined|protected|rule violations|prohibited|deny updating|denied by",
        "the server's own rules refuse this ref: have them allow it to be made, replaced and deleted",
    ),
    (
        r"authentication failed|could not read (username|password)|permission .*denied|access denied|\b40[13]\b"
        r"|not allowed|publickey|terminal prompts disabled",
        "the credentials need write access to the repository (GitHub Actions: `permissions: contents: write`, and the "
        "token handed to git, as in what `reconciler init --ci github` writes)",
    ),
    (
        r"could not resolve|connection (refused|reset|timed out)|unable to access|failed to connect|unable to connect"
        r"|network is unreachable|no route to host|unexpected disconnect|early eof",
        "see whether the remote can be reached (`git ls-remote`), then run again",
    ),
    (
        r"not appear to be a git repository|not found|no such file|does not exist",
        "see where the remote points (`git remote -v`)",
    ),
    (r"dubious ownership", "tell git that the folder may be trusted: `git config --global --add safe.directory DIR`"),
    (r"no space left|quota", "make room there, then run again"),
)


class Ended(NamedTuple):
    """How git ended. `code` is None where the time was up and it was killed; `words` is what it said, fit to show."""

    code: int | None
    out: bytes
    words: str


def plain_environment() -> dict[str, str]:
    """Return the environment for git: the user's, without what would lead it astray; ssh and credentials stay."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in _LEADING_ASTRAY and not key.startswith("GIT_TRACE")
    }
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def run_git(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float, data: bytes = b""
) -> Ended:
    """Run git in a folder; StateError where there is no git. Never raises for how it ends.

    It runs in a session of its own: Ctrl-C does not cut a push short, nothing can ask on the terminal, and when the
    time (seconds) is up all that it started ends with it. Its messages go to a file: an ssh connection that is kept
    open for later would hold a pipe open, and the reader with it.
    """
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(  # noqa: S603 - a list, no shell; every part is checked or made here
                ["git", "-c", "core.hooksPath=/dev/null", *arguments],  # noqa: S607 - which git is the user's choice
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
            )
        except OSError as error:
            raise StateError(
                f"cannot run git, which keeps this state: {error.strerror}",
                hint="install git 2.31 or later, and see that it is in PATH",
            ) from error
        code, out = _finish(process, data, timeout)
        words.seek(0)
        return Ended(code, out, _shown(words.read().decode("utf-8", "replace")))


def _finish(process: subprocess.Popen[bytes], data: bytes, timeout: float) -> tuple[int | None, bytes]:
    with process:
        try:
            out, _ = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            return None, b""
        except BaseException:
            _end(process)
            raise
    return process.returncode, out


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def without_secrets(text: str) -> str:
    """Return text without what may be a key: the user part and the query of a URL, and the value of a header."""
    text = re.sub(r"(?<=://)[^/\s'\"]*@", "", text)
    text = re.sub(r"(://[^\s'\"?]*)\?[^\s'\"]*", r"\1", text)
    return re.sub(r"(?i)(authorization|private-token|cookie)\s*[:=][^\n]*", r"\1: (hidden)", text)


def _shown(text: str) -> str:
    """Return git's words on one line: what it calls an error, or else all of it; no control signs, not too long."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", without_secrets(text)) if line.strip()]
    # git's own advice speaks of commands that are not ours to run.
    lines = [line for line in lines if not line.startswith(("hint:", "To ", "warning:"))] or lines
    joined = "; ".join(lines)
    return "".join(sign if sign.isprintable() else " " for sign in joined)[:_MOST_WORDS]


def failure(what: str, ended: Ended, *, timeout: float) -> StateError:
    """Return the error for a call that failed: `what` it was to do and where, why, and what helps."""
    if ended.code is None:
        return StateError(
            f"{what}: no answer within {timeout:g} seconds",
            hint="see whether the remote can be reached (`git ls-remote`), then run again",
        )
    return StateError(f"{what}: {ended.words or f'git ended with code {ended.code}'}", hint=hint_for(ended.words))


def hint_for(words: str) -> str:
    """Return what helps against what git said."""
    return next(
        (hint for pattern, hint in _HINTS if re.search(pattern, words, re.IGNORECASE)),
        "see what `git ls-remote` and `git push` say in this repository",
    )
