"""One bounded request for JSON to a service that is not the sequences API: the forge that runs the CI."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.core.hosts import is_loopback

SECONDS: Final = 10.0
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answered. `value` is None where it was no JSON, or was cut off; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer. `was_sent` is False only where nothing can have left."""

    reason: str
    was_sent: bool


def may_be_asked(url: str) -> bool:
    """Tell whether a token may go there: over https, or to this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    *,
    most: int = _MIB,
) -> Answer | Silence:
    """Send one request, follow no redirect, and read at most so many bytes in time; never raises for the network."""
    import httpx

    local = is_loopback(urlsplit(url).hostname or "")
    deadline = time.monotonic() + SECONDS
    content = None if body is None else json.dumps(body).encode()
    sent = {**headers, "Accept-Encoding": "identity", **({} if body is None else {"Content-Type": "application/json"})}
    try:
        with httpx.stream(
            method, url, headers=sent, content=content, timeout=SECONDS, follow_redirects=False, trust_env=not local
        ) as response:
            heads = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status_code, headers=heads, value=_json(response, most, deadline))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        return Silence(reason=_words(error), was_sent=False)
    except httpx.HTTPError as error:
        return Silence(reason=_words(error), was_sent=True)


def _json(response: Any, most: int, deadline: float) -> Any:
    import httpx

    data = b""
    try:
        for chunk in response.iter_raw():
            data += chunk
            if len(data) > most or time.monotonic() > deadline:
                return None
        return json.loads(data) if data else None
    except (httpx.HTTPError, ValueError, RecursionError):
        return None


def _words(error: Exception) -> str:
    # The class alone: a message may quote the address.
    return {"ConnectTimeout": "no connection in time", "ConnectError": "no connection"}.get(
        type(error).__name__, f"no answer ({type(error).__name__})"
    )
