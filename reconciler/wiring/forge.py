"""Which forge this CI belongs to, and which pull request it is about: read off the CI's own variables."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.adapters.web import may_be_asked
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.ports import Forge

# A run's number grows from run to run, an attempt's within one: together they order all attempts.
_ATTEMPTS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ci:
    """Where a command runs. `number` and `head` are those of a pull request, where it runs for one."""

    forge: Forge
    number: int | None
    head: str | None
    run: int


def open_ci(variables: Mapping[str, str], notice: Callable[[str], None]) -> Ci:
    """Return the CI that this runs in; ConfigurationError where it is none that is known, or has no token."""
    if variables.get("GITHUB_REPOSITORY"):
        return _github(variables, notice)
    if variables.get("CI_API_V4_URL"):
        return _gitlab(variables, notice)
    raise ConfigurationError(
        "this is no CI that can be told apart: neither $GITHUB_REPOSITORY nor $CI_API_V4_URL is set",
        hint="run it in a workflow, or set the variables that a workflow has",
    )


def _github(variables: Mapping[str, str], notice: Callable[[str], None]) -> Ci:
    from reconciler.adapters.forge.calls import Calls
    from reconciler.adapters.forge.github import GitHub

    api = _checked(variables.get("GITHUB_API_URL") or "https://api.github.com")
    headers = {
        "Authorization": f"Bearer {_token(variables, 'GITHUB_TOKEN')}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "reconciler",
    }
    calls = Calls("GitHub", api, headers, notice=notice)
    event = _event(variables.get("GITHUB_EVENT_PATH"))
    pull = event.get("pull_request")
    head = pull.get("head") if isinstance(pull, Mapping) else None
    return Ci(
        forge=GitHub(calls, variables["GITHUB_REPOSITORY"], in_actions=variables.get("GITHUB_ACTIONS") == "true"),
        number=_number(pull.get("number")) if isinstance(pull, Mapping) else None,
        head=str(head["sha"]) if isinstance(head, Mapping) and "sha" in head else None,
        run=_run(variables.get("GITHUB_RUN_ID"), variables.get("GITHUB_RUN_ATTEMPT")),
    )


def _gitlab(variables: Mapping[str, str], notice: Callable[[str], None]) -> Ci:
    from reconciler.adapters.forge.calls import Calls
    from reconciler.adapters.forge.gitlab import GitLab

    api = _checked(variables["CI_API_V4_URL"])
    calls = Calls("GitLab", api, {"PRIVATE-TOKEN": _token(variables, "GITLAB_TOKEN")}, notice=notice)
    source = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    return Ci(
        forge=GitLab(calls, variables.get("CI_PROJECT_ID", "")),
        number=_number(variables.get("CI_MERGE_REQUEST_IID")),
        head=source or variables.get("CI_COMMIT_SHA"),
        run=_run(variables.get("CI_PIPELINE_ID"), None),
    )


def _checked(api: str) -> str:
    if not may_be_asked(api):
        raise ConfigurationError("the address of the forge's API is neither https nor this machine; nothing was sent")
    return api


def _token(variables: Mapping[str, str], name: str) -> str:
    token = variables.get(name, "")
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise CredentialsError(f"${name} is not set, or holds what no token has", hint=f"hand it over as {name}")
    return token


def _event(path: str | None) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError("the event that $GITHUB_EVENT_PATH names cannot be read") from error
    return event if isinstance(event, Mapping) else {}


def _number(given: Any) -> int | None:
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else None


def _run(number: str | None, attempt: str | None) -> int:
    digits = [
        each if each and each.isascii() and each.isdigit() and len(each) < 16 else "0" for each in (number, attempt)
    ]
    return int(digits[0]) * _ATTEMPTS + min(int(digits[1]), _ATTEMPTS - 1)
