"""The way from the user's repository to its remote: settings that are read from it, and nothing that is written to it.

The user's repository is asked for two things only: where its work tree begins, and what its configuration says. All
else happens in a private repository, which is given what of that configuration leads to the remote.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from reconciler.adapters.store.git_process import failure, plain_environment, run_git
from reconciler.errors import ConfigurationError, StateError

_Setting: TypeAlias = tuple[str, str]

# How a remote is reached, and with which credentials.
_LEADS: Final = (
    "url.",
    "http.",
    "credential.",
    "protocol.",
    "ssh.",
    "core.sshcommand",
    "core.gitproxy",
    "core.askpass",
)
_OF_REMOTE: Final = ("url", "pushurl", "proxy", "proxyauthmethod", "receivepack", "uploadpack", "vcs", "serveroption")
_PROBE: Final = ("reconciler.probe", "heard")


class Link(NamedTuple):
    """How git gets to the remote from any repository: run in `folder`, with `environment`. `algorithm` names objects.

    The settings travel in the environment, so that a token among them is in no file and no list of processes.
    """

    folder: Path
    environment: Mapping[str, str]
    algorithm: str


def read_link(repository: Path, remote: str, *, private: Path, timeout: float) -> Link:
    """Read how the remote of a repository is reached; `private` is a repository without settings of its own.

    ConfigurationError where `repository` is none or has no such remote; StateError where git cannot be run.
    """
    environment = plain_environment()
    folder = _top(repository, environment, timeout)
    effective = _settings(folder, environment, timeout)
    _require_one_place(effective, remote)
    # What the private repository sees by itself must not be said twice: a header that is sent twice is refused. And a
    # setting that depends on the folder (`includeIf`) is seen in the user's repository alone.
    bare = {key: value for key, value in environment.items() if not _is_command_scope(key)}
    bare["GIT_DIR"] = str(private)
    own = _settings(folder, _with(bare, [_PROBE]), timeout)
    if _PROBE not in own:
        raise StateError("git is too old to keep state with", hint="install git 2.31 or later")
    missing = _without(effective, own)
    leading = [setting for setting in missing if _leads(setting[0], remote)]
    # One ref is pushed, whatever else the user has pushed to this remote.
    leading.append((f"remote.{remote}.mirror", "false"))
    algorithm = dict(effective).get("extensions.objectformat", "sha1")
    return Link(folder, _with(bare, leading), algorithm)


def _top(repository: Path, environment: Mapping[str, str], timeout: float) -> Path:
    """Return the folder that relative URLs in the configuration start from: the top of the work tree."""
    if not repository.is_dir():
        raise ConfigurationError(
            f"{repository} is not a folder, so it is no git repository", hint="name the repository with -C"
        )
    ended = run_git(["rev-parse", "--show-cdup"], folder=repository, environment=environment, timeout=timeout)
    if ended.code != 0 and "not a git repository" in ended.words:
        raise ConfigurationError(
            f"state is to be kept by git, but {repository} is not in a git repository",
            hint='run in a clone of the repository, or keep state in a file: `state = "file:.reconciler/NAME.json"`',
        )
    if ended.code != 0:
        raise failure(f"cannot use the git repository in {repository}", ended, timeout=timeout)
    return (repository / ended.out.decode("utf-8", "surrogateescape").rstrip("\n")).resolve()


def _settings(folder: Path, environment: Mapping[str, str], timeout: float) -> list[_Setting]:
    ended = run_git(["config", "--list", "-z"], folder=folder, environment=environment, timeout=timeout)
    if ended.code != 0:
        raise failure(f"cannot read the git configuration in {folder}", ended, timeout=timeout)
    entries = ended.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    # A name without a value means true.
    pairs = (entry.partition("\n") for entry in entries)
    return [(key, value if separator else "true") for key, separator, value in pairs]


def _require_one_place(settings: Iterable[_Setting], remote: str) -> None:
    """See that the remote is there, and is one place: what is written to two has no one version to compare with."""
    places: dict[str, list[str]] = {"url": [], "pushurl": []}
    for key, value in settings:
        kind = key.removeprefix(f"remote.{remote}.")
        if kind in places:
            # An empty value takes back those before it.
            places[kind] = [*places[kind], value] if value else []
    if not places["url"]:
        raise ConfigurationError(
            f"state is to be kept on the git remote {remote!r}, but the repository has none of that name",
            hint=f"add it: `git remote add {remote} URL`",
        )
    if max(map(len, places.values())) > 1:
        raise ConfigurationError(
            f"state cannot be kept on the git remote {remote!r}: it has more than one URL",
            hint=f"leave it one (`git remote set-url --delete {remote} URL`)",
        )


def _leads(key: str, remote: str) -> bool:
    before, dot, last = key.rpartition(".")
    return key.startswith(_LEADS) or (before + dot == f"remote.{remote}." and last in _OF_REMOTE)


def _without(settings: Iterable[_Setting], seen: Iterable[_Setting]) -> list[_Setting]:
    """Return the settings that are not seen, in order; one that stands there twice and is seen once stays once."""
    left = list(seen)
    missing = []
    for setting in settings:
        if setting in left:
            left.remove(setting)
        else:
            missing.append(setting)
    return missing


def _is_command_scope(key: str) -> bool:
    return key.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")) or key in (
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
    )


def _with(environment: Mapping[str, str], settings: list[_Setting]) -> dict[str, str]:
    given = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        given[f"GIT_CONFIG_KEY_{number}"] = key
        given[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**environment, **given}
