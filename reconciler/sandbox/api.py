"""The API without its transport: a request and the operations of one transaction in, an answer out.

Starting or canceling what cannot be is answered 409 and not 400: these requests have no body that could be wrong, only
the sequence's own state stands against them.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from reconciler.sandbox import keys, ledger, sequences
from reconciler.sandbox.jsonbody import BodyError, decode, encode
from reconciler.sandbox.keys import Key, Scope
from reconciler.sandbox.ledger import Mutation
from reconciler.sandbox.operations import ConflictError, Operations
from reconciler.sandbox.sequences import Stored
from reconciler.sandbox.switches import Lookup, Missing

_REASONS: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it was received. `path` is still percent-encoded and has no query."""

    method: str
    path: str
    authorization: str | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; its body is always JSON."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of the program
    """The request is answered with an ErrorDto."""

    def __init__(self, status: int, message: str, *headers: tuple[str, str], code: int | None = None) -> None:
        super().__init__(message)
        dto = {"statusCode": code or status, "message": message, "error": _REASONS[code or status]}
        self.answer = Answer(status=status, body=encode(dto), headers=headers)


class Exchange:
    """One request on its way to an answer; what it learns on the way is what the ledger will say of it."""

    def __init__(self, request: Request, operations: Operations, *, limit: int) -> None:
        self._request = request
        self._operations = operations
        self._limit = limit
        self._key: Key | None = None
        self._stored: Stored | None = None
        self._mutation: Mutation | None = None

    def run(self) -> Answer:
        """Answer the request and enter it in the ledger, refused or not."""
        try:
            answer = self._answer()
        except Refused as refused:
            answer = refused.answer
        except BodyError as error:
            answer = Refused(400, str(error)).answer
        except ConflictError as error:
            answer = Refused(409, str(error)).answer
        self._enter(answer.status)
        return answer

    def _answer(self) -> Answer:
        key = self._key = self._authenticated()
        self._within_limit(key)
        segments = [unquote(part) for part in self._request.path.split("/")[1:]]
        match segments, self._request.method:
            case ["sequences"], "POST":
                return self._create(_allowed(key, Scope.WRITE))
            case ["sequences", reference], "GET" if reference:
                return self._show(_allowed(key, Scope.READ), reference)
            case ["sequences", reference], "PATCH" if reference:
                return self._update(_allowed(key, Scope.WRITE), reference)
            case ["sequences", reference, "start"], "PUT" if reference:
                return self._start(_allowed(key, Scope.WRITE), reference)
            case ["sequences", reference, "cancel"], "PUT" if reference:
                return self._cancel(_allowed(key, Scope.WRITE), reference)
        raise _no_route(segments, self._request.method)

    def _authenticated(self) -> Key:
        key = keys.find(self._operations.connection, self._request.authorization)
        if key is None:
            raise Refused(401, "the request carries no valid API key", ("WWW-Authenticate", "Bearer"))
        return key

    def _within_limit(self, key: Key) -> None:
        if not self._limit:
            return
        seconds = ledger.wait_for(
            self._operations.connection, key_name=key.name, limit=self._limit, now=self._operations.now
        )
        if seconds is not None:
            raise Refused(429, f"more than {self._limit} requests in a minute", ("Retry-After", str(seconds)))

    def _create(self, key: Key) -> Answer:
        stored = self._stored = self._operations.create(key.org_id, decode(self._request.body))
        self._mutation = "create"
        return Answer(status=201, body=encode({"id": stored.id}))

    def _show(self, key: Key, reference: str) -> Answer:
        connection, switches = self._operations.connection, self._operations.switches
        stored = sequences.read(connection, key.org_id, reference)
        if stored is None and switches.lookup is Lookup.ON:
            stored = sequences.read_by_custom_id(connection, key.org_id, reference)
        self._stored = stored = self._there(stored)
        return Answer(status=200, body=encode(self._operations.shown(stored)))

    def _update(self, key: Key, reference: str) -> Answer:
        old = self._stored = self._newest(key, reference)
        self._stored = self._operations.update(old, decode(self._request.body))
        self._mutation = "update"
        return Answer(status=200, body=b"{}")

    def _start(self, key: Key, reference: str) -> Answer:
        old = self._stored = self._newest(key, reference)
        self._stored = self._operations.start(old)
        self._mutation = "start"
        return Answer(status=200, body=b"{}")

    def _cancel(self, key: Key, reference: str) -> Answer:
        old = self._stored = self._newest(key, reference)
        self._stored = self._operations.cancel(old)
        self._mutation = None if self._stored is old else "cancel"
        return Answer(status=200, body=b"{}")

    def _newest(self, key: Key, reference: str) -> Stored:
        # Writes go by the server's own id: no page of this year says that they take a custom_id.
        return self._there(sequences.newest(self._operations.connection, key.org_id, reference))

    def _there(self, stored: Stored | None) -> Stored:
        if stored is not None:
            return stored
        status = 500 if self._operations.switches.missing is Missing.WRAPPED else 404
        raise Refused(status, "there is no such sequence", code=404)

    def _enter(self, status: int) -> None:
        stored = self._stored
        ledger.append(
            self._operations.connection,
            time=self._operations.now,
            actor="api",
            key_name=self._key.name if self._key else None,
            method=self._request.method,
            path=self._request.path,
            body=self._request.body or None,
            status=status,
            mutation=self._mutation,
            sequence_id=stored.id if stored else None,
            custom_id=stored.custom_id if stored else None,
        )


def _allowed(key: Key, scope: Scope) -> Key:
    if scope not in key.scopes:
        raise Refused(403, f"the API key lacks the scope `{scope}`")
    return key


def _no_route(segments: list[str], method: str) -> Refused:
    match segments:
        case ["sequences"]:
            allowed = "POST"
        case ["sequences", reference] if reference:
            allowed = "GET, PATCH"
        case ["sequences", reference, "start" | "cancel"] if reference:
            allowed = "PUT"
        case _:
            return Refused(404, "there is no such path")
    return Refused(405, f"the path takes {allowed}, not {method}", ("Allow", allowed))
