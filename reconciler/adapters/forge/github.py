"""Comments on GitHub's pull requests, and its issues.

REST: "Issue comments", "List pull requests associated with a commit", "Issues".
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.adapters.forge.calls import Calls
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.comment import Comment, Merged

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}", re.ASCII)
# Whom the token of a workflow writes as; it may not ask who it is.
_ACTIONS: Final = "github-actions[bot]"


class GitHub:
    """A repository on GitHub (a Forge). `repository` is `owner/name`."""

    def __init__(self, calls: Calls, repository: str, *, in_actions: bool) -> None:
        if not _REPOSITORY.fullmatch(repository) or ".." in repository.split("/"):
            raise ConfigurationError("the repository is not named `owner/name`", hint="see $GITHUB_REPOSITORY")
        self._calls, self._path, self._in_actions = calls, f"/repos/{repository}", in_actions

    def author(self) -> str:
        """Return the login of the token, which a workflow's own may not ask for."""
        try:
            return str(self._calls.get("/user").value["login"])
        except CredentialsError:
            if self._in_actions:
                return _ACTIONS
            raise
        except (KeyError, TypeError):
            raise CredentialsError("GitHub does not tell whose the token is", hint="name its login: --author") from None

    def comments(self, number: int) -> list[Comment]:
        """Return every comment on a pull request."""
        entries = self._calls.pages(f"{self._path}/issues/{number}/comments")
        return [comment for entry in entries if (comment := _comment(entry)) is not None]

    def create(self, number: int, body: str) -> None:
        """Write a comment."""
        self._calls.post(f"{self._path}/issues/{number}/comments", {"body": body})

    def edit(self, number: int, comment: int, body: str) -> bool:
        """Give a comment another body."""
        del number
        return self._calls.put("PATCH", f"{self._path}/issues/comments/{comment}", {"body": body}).status != 404

    def remove(self, number: int, comment: int) -> None:
        """Remove a comment."""
        del number
        self._calls.put("DELETE", f"{self._path}/issues/comments/{comment}")

    def merged_by(self, commit: str) -> list[Merged]:
        """Return the merged pull requests with that commit, the one whose merge it is first."""
        entries = list(self._calls.pages(f"{self._path}/commits/{checked_commit(commit)}/pulls"))
        merged = [each for each in entries if isinstance(each, Mapping) and each.get("merged_at")]
        merged.sort(key=lambda each: each.get("merge_commit_sha") != commit)
        return [Merged(number=int(each["number"]), head=str(each["head"]["sha"])) for each in merged]

    def issues(self) -> list[Comment]:
        """Return every open issue; GitHub lists pull requests among them."""
        entries = self._calls.pages(f"{self._path}/issues?state=open&sort=created&direction=asc")
        return [issue for entry in entries if (issue := _issue(entry)) is not None]

    def open_issue(self, title: str, body: str) -> int | None:
        """Open an issue and return its number, where that is told."""
        answer = self._calls.post(f"{self._path}/issues", {"title": title, "body": body})
        number = answer.value.get("number") if answer is not None and isinstance(answer.value, Mapping) else None
        return number if isinstance(number, int) else None

    def edit_issue(self, number: int, body: str, *, closes: bool) -> bool:
        """Give an issue another body, and close it where that is said."""
        state = {"state": "closed", "state_reason": "completed"} if closes else {}
        answer = self._calls.put("PATCH", f"{self._path}/issues/{number}", {"body": body, **state})
        return answer.status not in (404, 410)


def checked_commit(commit: str) -> str:
    """Return a commit's whole hash; ConfigurationError for anything else."""
    if not _COMMIT.fullmatch(commit):
        raise ConfigurationError("a commit is named by its whole hash of 40 hexadecimal digits")
    return commit


def _comment(entry: Any) -> Comment | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), int):
        return None
    author, body = entry.get("user"), entry.get("body")
    login = author.get("login") if isinstance(author, Mapping) else None
    return Comment(id=entry["id"], author=str(login), body=body if isinstance(body, str) else "")


def _issue(entry: Any) -> Comment | None:
    """Return an issue as a comment; None for a pull request."""
    if not isinstance(entry, Mapping) or "pull_request" in entry:
        return None
    return _comment({**entry, "id": entry.get("number")})
