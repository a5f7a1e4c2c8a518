"""Notes on GitLab's merge requests, and its issues.

REST: "Notes", "List merge requests associated with a commit", "Issues".
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from reconciler.adapters.forge.calls import Calls
from reconciler.adapters.forge.github import checked_commit
from reconciler.errors import CredentialsError
from reconciler.model.comment import Comment, Merged


class GitLab:
    """A project on GitLab (a Forge). `project` is its number, or its path."""

    def __init__(self, calls: Calls, project: str) -> None:
        self._calls, self._path = calls, f"/projects/{quote(project, safe='')}"

    def author(self) -> str:
        """Return the username of the token."""
        try:
            return str(self._calls.get("/user").value["username"])
        except (KeyError, TypeError):
            raise CredentialsError("GitLab does not tell whose the token is", hint="name its login: --author") from None

    def comments(self, number: int) -> list[Comment]:
        """Return every note on a merge request that a person or a program wrote."""
        entries = self._calls.pages(f"{self._notes(number)}?sort=asc")
        return [comment for entry in entries if (comment := _comment(entry)) is not None]

    def create(self, number: int, body: str) -> None:
        """Write a note."""
        self._calls.post(self._notes(number), {"body": body})

    def edit(self, number: int, comment: int, body: str) -> bool:
        """Give a note another body."""
        return self._calls.put("PUT", f"{self._notes(number)}/{comment}", {"body": body}).status != 404

    def remove(self, number: int, comment: int) -> None:
        """Remove a note."""
        self._calls.put("DELETE", f"{self._notes(number)}/{comment}")

    def merged_by(self, commit: str) -> list[Merged]:
        """Return the merged merge requests with that commit, the one whose merge it is first."""
        path = f"{self._path}/repository/commits/{checked_commit(commit)}/merge_requests"
        entries = [each for each in self._calls.pages(path) if isinstance(each, Mapping)]
        merged = [each for each in entries if each.get("state") == "merged"]
        merged.sort(key=lambda each: commit not in (each.get("merge_commit_sha"), each.get("squash_commit_sha")))
        return [Merged(number=int(each["iid"]), head=str(each["sha"])) for each in merged]

    def issues(self) -> list[Comment]:
        """Return every open issue."""
        entries = self._calls.pages(f"{self._path}/issues?state=opened&scope=all&order_by=created_at&sort=asc")
        return [issue for entry in entries if (issue := _issue(entry)) is not None]

    def open_issue(self, title: str, body: str) -> int | None:
        """Open an issue and return its number, where that is told."""
        answer = self._calls.post(f"{self._path}/issues", {"title": title, "description": body})
        number = answer.value.get("iid") if answer is not None and isinstance(answer.value, Mapping) else None
        return number if isinstance(number, int) else None

    def edit_issue(self, number: int, body: str, *, closes: bool) -> bool:
        """Give an issue another body, and close it where that is said."""
        state = {"state_event": "close"} if closes else {}
        return self._calls.put("PUT", f"{self._path}/issues/{number}", {"description": body, **state}).status != 404

    def _notes(self, number: int) -> str:
        return f"{self._path}/merge_requests/{number}/notes"


def _comment(entry: Any) -> Comment | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), int) or entry.get("system"):
        return None
    author, body = entry.get("author"), entry.get("body")
    login = author.get("username") if isinstance(author, Mapping) else None
    return Comment(id=entry["id"], author=str(login), body=body if isinstance(body, str) else "")


def _issue(entry: Any) -> Comment | None:
    """Return an issue as a comment."""
    if not isinstance(entry, Mapping):
        return None
    return _comment({"id": entry.get("iid"), "author": entry.get("author"), "body": entry.get("description")})
