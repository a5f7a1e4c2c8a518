"""Who this process is: the hold that it takes a lock with.

A process is known for good by the machine's start, its process namespace, its id and its own start, all from /proc
(proc(5)); a CI run by what the CI's own environment says (GitHub: "Default environment variables"; GitLab: "Predefined
CI/CD variables").
"""

import getpass
import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.model.hold import Hold

PROC: Final = Path("/proc")


class Running(NamedTuple):
    """What /proc says of a process: the letter of its state, its threads, its start in ticks since the machine's."""

    state: str
    threads: int
    start: int


def me(purpose: str, *, since: str, variables: Mapping[str, str], engine: str | None = None) -> Hold:
    """Return a new hold for this process; `since` is the moment as RFC 3339 text, `engine` what an engine calls it."""
    return Hold(
        nonce=str(uuid.uuid4()),
        purpose=purpose,
        since=since,
        who=_who(variables),
        host=socket.gethostname(),
        process=process_identity(os.getpid()),
        run=run_identity(variables),
        engine=engine,
        url=_url(variables),
    )


def process_identity(pid: int) -> str | None:
    """Return BOOT:NAMESPACE:PID:START of a process in our namespace; None where /proc does not say."""
    running, place = running_process(pid), machine()
    if running is None or place is None:
        return None
    return f"{place}:{pid}:{running.start}"


def machine() -> str | None:
    """Return BOOT:NAMESPACE, within which a process id means one process at a time."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((PROC / "self/ns/pid").readlink())
    except OSError:
        return None
    return f"{boot}:{namespace.removeprefix('pid:')}"


def running_process(pid: int) -> Running | None:
    """Return what /proc says of a process; None where it says nothing."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        # The name stands in parentheses and may hold anything, parentheses too.
        fields = text.rpartition(")")[2].split()
        return Running(state=fields[0], threads=int(fields[17]), start=int(fields[19]))
    except (OSError, ValueError, IndexError):
        return None


def run_identity(variables: Mapping[str, str]) -> str | None:
    """Return the CI run that this process belongs to, such as github:OWNER/REPO/RUN_ID/ATTEMPT."""
    if variables.get("GITHUB_ACTIONS"):
        return _joined("github", variables, "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")
    if variables.get("GITLAB_CI"):
        return _joined("gitlab", variables, "CI_SERVER_HOST", "CI_PROJECT_PATH", "CI_PIPELINE_ID", "CI_JOB_ID")
    return None


def _joined(kind: str, variables: Mapping[str, str], *names: str) -> str | None:
    parts = [variables.get(name, "") for name in names]
    return f"{kind}:{'/'.join(parts)}" if all(parts) else None


def _who(variables: Mapping[str, str]) -> str:
    if variables.get("GITHUB_ACTIONS") and variables.get("GITHUB_ACTOR"):
        return variables["GITHUB_ACTOR"]
    if variables.get("GITLAB_CI") and variables.get("GITLAB_USER_LOGIN"):
        return variables["GITLAB_USER_LOGIN"]
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id without a name, as in many containers
        return f"uid {os.getuid()}"


def _url(variables: Mapping[str, str]) -> str | None:
    if variables.get("GITLAB_CI"):
        return variables.get("CI_JOB_URL")
    server, repository, run = (variables.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if not (variables.get("GITHUB_ACTIONS") and server and repository and run):
        return None
    return f"{server}/{repository}/actions/runs/{run}"
