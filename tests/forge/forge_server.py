"""GitHub's and GitLab's comments and issues, as far as the tool uses them, over real HTTP: paging, limits, races."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST = 65_536
TOKEN = "-".join(["a", "token"])
BOT = "github-actions[bot]"


@dataclass
class Answer:
    """What is answered in the place of the true answer; `done`: the request is carried out all the same."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    done: bool = False
    hangs_up: bool = False


@dataclass
class Forge:
    """The comments of one repository, by pull request, and everything that was asked of it."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    login: str = BOT
    knows_itself: bool = False
    log: list[tuple[str, str]] = field(default_factory=list)
    # One is taken for each request that the predicate fits, the first that fits.
    instead: list[tuple[Callable[[str, str], bool], Answer]] = field(default_factory=list)
    before: list[tuple[Callable[[str, str], bool], Callable[[], None]]] = field(default_factory=list)
    url: str = ""
    _next: int = 100
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, number: int, body: str, *, author: str | None = None, system: bool = False) -> int:
        with self.lock:
            self._next += 1
            login = author or self.login
            comment = {"id": self._next, "body": body, "user": {"login": login}, "author": {"username": login}}
            self.comments.setdefault(number, []).append({**comment, "system": system})
            return self._next

    def open(self, body: str, *, title: str = "T", author: str | None = None, is_pull: bool = False) -> int:
        """Open an issue, as GitHub and as GitLab show it."""
        with self.lock:
            self._next += 1
            login = author or self.login
            issue = {"id": 10**6 + self._next, "number": self._next, "iid": self._next, "title": title, "state": "open"}
            people = {"user": {"login": login}, "author": {"username": login}}
            pull = {"pull_request": {"url": "x"}} if is_pull else {}
            self.issues[self._next] = {**issue, **people, **pull, "body": body, "description": body}
            return self._next

    def opened(self) -> list[dict[str, Any]]:
        return [each for each in self.issues.values() if each["state"] == "open"]

    def bodies(self, number: int) -> list[str]:
        return [each["body"] for each in self.comments.get(number, [])]

    def count(self, method: str) -> int:
        return sum(each == method for each, _ in self.log)

    def find(self, comment: int) -> tuple[list[dict[str, Any]], dict[str, Any]] | None:
        for comments in self.comments.values():
            for each in comments:
                if each["id"] == comment:
                    return comments, each
        return None


def serve(forge: Forge) -> ThreadingHTTPServer:
    """Serve on loopback in the background; shut it down and close it."""

    class Handler(_Handler):
        state = forge

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    state: Forge
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        given = json.loads(self.rfile.read(length)) if length else None
        parts = urlsplit(self.path)
        with self.state.lock:
            self.state.log.append((self.command, self.path))
            for fits, act in list(self.state.before):
                if fits(self.command, parts.path):
                    self.state.before.remove((fits, act))
                    act()
            instead = next((each for each in self.state.instead if each[0](self.command, parts.path)), None)
            if instead is not None:
                self.state.instead.remove(instead)
            if instead is None or instead[1].done:
                status, body = self._act(parts.path, parse_qs(parts.query), given)
            if instead is not None:
                status, body = instead[1].status, instead[1].body
        if instead is not None and instead[1].hangs_up:
            self.close_connection = True
            return
        self._answer(status, body, instead[1].headers if instead else {})

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def _answer(self, status: int, body: Any, headers: dict[str, str]) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _act(self, path: str, query: dict[str, list[str]], given: Any) -> tuple[int, Any]:
        if TOKEN not in (self.headers.get("Authorization") or "") + (self.headers.get("PRIVATE-TOKEN") or ""):
            return 401, {"message": "Bad credentials"}
        if path == "/user":
            login = {"login": self.state.login, "username": self.state.login}
            return (200, login) if self.state.knows_itself else (403, {"message": "Resource not accessible"})
        if found := re.fullmatch(r".*/commits/([0-9a-f]+)/(?:pulls|merge_requests)", path):
            return 200, self._page(self.state.pulls.get(found[1], []), query)
        if found := re.fullmatch(
            r"/repos/ann/plants/issues/(\d+)/comments|/projects/([^/]+)/merge_requests/(\d+)/notes", path
        ):
            assert not found[2] or unquote(found[2]) == "ann/plants"
            return self._list_or_add(int(found[1] or found[3]), query, given)
        if found := re.fullmatch(r"/(?:repos/ann/plants|projects/ann%2Fplants)/issues(?:/(\d+))?", path):
            return self._issues(found[1], query, given)
        return self._changed(path, given)

    def _changed(self, path: str, given: Any) -> tuple[int, Any]:
        if found := re.fullmatch(r"/repos/ann/plants/issues/comments/(\d+)|.*/merge_requests/\d+/notes/(\d+)", path):
            return self._change(int(found[1] or found[2]), given)
        return 404, {"message": "Not Found"}

    def _issues(self, number: str | None, query: dict[str, list[str]], given: Any) -> tuple[int, Any]:
        if self.command == "GET":
            return 200, self._page(self.state.opened(), query)
        body = given.get("body", given.get("description"))
        if len(body) > LONGEST:
            return 422, {"message": "body is too long (maximum is 65536 characters)"}
        if number is None:
            return 201, self.state.issues[self.state.open(body, title=given["title"])]
        issue = self.state.issues.get(int(number))
        if issue is None:
            return 410, {"message": "This issue was deleted"}
        issue |= {"body": body, "description": body}
        if "closed" in (given.get("state"), f"{given.get('state_event')}d"):
            issue["state"] = "closed"
        return 200, issue

    def _list_or_add(self, number: int, query: dict[str, list[str]], given: Any) -> tuple[int, Any]:
        if self.command == "GET":
            return 200, self._page(self.state.comments.get(number, []), query)
        if len(given["body"]) > LONGEST:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        return 201, {"id": self.state.add(number, given["body"])}

    def _change(self, comment: int, given: Any) -> tuple[int, Any]:
        found = self.state.find(comment)
        if found is None:
            return 404, {"message": "Not Found"}
        if self.command == "DELETE":
            found[0].remove(found[1])
            return 204, None
        if len(given["body"]) > LONGEST:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        found[1]["body"] = given["body"]
        return 200, found[1]

    def _page(self, entries: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
        size, page = min(int(query.get("per_page", ["30"])[0]), 100), int(query.get("page", ["1"])[0])
        return entries[(page - 1) * size : page * size]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
