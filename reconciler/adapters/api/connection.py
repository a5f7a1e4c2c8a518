"""One HTTP connection pool to one API with one key: what leaves, and what is seen of the answer.

Redirects are never followed, so that the key goes nowhere else. The answer is streamed, so that a status that was seen
is kept whatever becomes of the body.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from reconciler.adapters.api.limiter import Limiter
from reconciler.core.classify import Reply
from reconciler.core.hosts import is_loopback
from reconciler.errors import ConfigurationError, RefusedError

LARGEST_ANSWER: Final = 5 * 2**20
DEEPEST_ANSWER: Final = 64
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_KEY: Final = re.compile(r"[!-~]+", re.ASCII)

# Where httpx fails before a byte of the request has left (faults, section 1).
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class NoReply:
    """No status line came. `was_sent` is False only where that is proved."""

    reason: str
    was_sent: bool


class Connection:
    """Sends requests within the limit. Safe to share between threads; `close` it."""

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        limiter: Limiter,
        connect_timeout: float,
        request_timeout: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not _KEY.fullmatch(key):
            raise ConfigurationError(
                "the API key holds a space, a line break or another character that no key has",
                hint="set the variable again, without quotes or a line break inside",
            )
        self._limiter = limiter
        self._client = httpx.Client(
            base_url=base_url,
            headers={"authorization": f"Bearer {key}", "accept": "application/json", "accept-encoding": "identity"},
            timeout=httpx.Timeout(request_timeout, connect=connect_timeout),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
            follow_redirects=False,
            trust_env=not is_loopback(httpx.URL(base_url).host),  # what stays on this machine goes through no proxy
            transport=transport,
        )

    def send(self, method: str, path: str, body: bytes | None = None) -> Reply | NoReply:
        """Send one request and return what came back; never raises for what the network does."""
        headers = {} if body is None else {"content-type": "application/json"}
        request = self._client.build_request(method, path, content=body, headers=headers)
        if not request.url.raw_path.endswith(path.encode("ascii")):
            raise RefusedError(f"a request to {path} would have gone to another path; it was not sent")
        with self._limiter.slot():
            return self._exchange(request)

    def _exchange(self, request: httpx.Request) -> Reply | NoReply:
        try:
            response = self._client.send(request, stream=True)
        except _NOT_SENT as error:
            return NoReply(f"cannot reach {request.url.host}: {_words(error)}; nothing was sent", was_sent=False)
        except httpx.HTTPError as error:
            return NoReply(f"no answer from {request.url.host}: {_words(error)}", was_sent=True)
        return _reply(response)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def path_of(sequence_id: str) -> str:
    """Return the path of a sequence; RefusedError for an id that would lead to another path."""
    if not _ID.fullmatch(sequence_id):
        raise RefusedError("an id holds characters that no id has; no request was made with it")
    return f"/sequences/{sequence_id}"


def _words(error: httpx.HTTPError) -> str:
    return str(error).strip() or type(error).__name__


def _reply(response: httpx.Response) -> Reply:
    data = bytearray()
    trouble = ""
    try:
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > LARGEST_ANSWER:
                trouble = f"the answer is larger than {LARGEST_ANSWER} bytes"
                break
    except httpx.HTTPError as error:
        trouble = f"the answer was cut off: {_words(error)}"
    finally:
        response.close()
    if trouble:
        return Reply(status=response.status_code, body=None, is_json=False, trouble=trouble)
    return _decoded(response.status_code, response.headers, bytes(data))


def _decoded(status: int, headers: Mapping[str, str], data: bytes) -> Reply:
    if not data.strip():
        return Reply(status=status, body=None, is_json=False, is_empty=True, trouble=f"the answer ({status}) is empty")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        shown = re.sub(r"[^a-z0-9/+.-]", "?", kind) or "no type"
        return Reply(status=status, body=None, is_json=False, trouble=f"the answer ({status}) is {shown}, not JSON")
    try:
        body = _json_value(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return Reply(status=status, body=None, is_json=False, trouble=f"the answer ({status}) is not valid JSON")
    return Reply(status=status, body=body, is_json=True)


def _json_value(text: str) -> Any:
    """Return a value that can be kept and sent again; ValueError for one that cannot.

    Half of a surrogate pair, as a server sends it that cuts a text inside an emoji, is no text that UTF-8 can hold.
    """
    body = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    if "\\u" in text:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    level = [body]
    for _ in range(DEEPEST_ANSWER):
        level = [child for each in level for child in _children(each)]
        if not level:
            return body
    raise ValueError(DEEPEST_ANSWER)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
