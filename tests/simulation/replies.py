"""Answers as they come back: true ones, what comes in their place, and what is left of them."""

import json
from email.utils import formatdate
from typing import Any

from reconciler.core.classify import Reply
from reconciler.sandbox.keys import FULL_KEY

# What a server quotes back of somebody, and what must therefore never be shown or kept.
CANARIES = ("ann.canary@example.org", "+15550100123", FULL_KEY)
_WHOSE = "nobody is called ann.canary@example.org or can be called at +15550100123"
_OTHER_ID = "11111111-2222-4333-8444-555555555555"
_RUBBISH = ("soon", "-5", "1e9", "٣", "", "Thu, 99 Foo 2026 25:61:61 GMT")

# Faults in which the server never acts on the request.
UNDELIVERED = frozenset(
    {
        *("429 with seconds", "429 with a date", "429 without a header", "429 with rubbish", "429 with a huge wait"),
        *("429 as HTML", "500 before", "502 before", "503 before", "504 before", "401", "403", "404", "408 before"),
        *("409", "412", "422", "400", "redirect", "HTML instead"),
    }
)


def reply(status: int, body: bytes, headers: dict[str, str] | None = None) -> Reply:
    """Return an answer as the connection hands it on."""
    given = {key.lower(): value for key, value in (headers or {}).items()}
    if not body:
        return Reply(status=status, body=None, is_json=False, is_empty=True, trouble=f"the answer ({status}) is empty")
    return Reply(
        status=status, body=json.loads(body), is_json=True, retry_after=given.get("retry-after"), date=given.get("date")
    )


def _html(status: int) -> Reply:
    return _useless(status, f"the answer ({status}) is text/html, not JSON")


def _error(status: int, headers: dict[str, str] | None = None) -> Reply:
    body = {"statusCode": status, "message": _WHOSE, "error": "Error"}
    return reply(status, json.dumps(body).encode(), headers)


def _rate_limited(fault: str, chance: int, now: float) -> Reply:
    later = formatdate(now + chance % 20, usegmt=True)
    asked = {
        "429 with seconds": {"retry-after": str(chance % 20)},
        "429 with a date": {"retry-after": later, "date": formatdate(now, usegmt=True)},
        "429 with rubbish": {"retry-after": _RUBBISH[chance % len(_RUBBISH)]},
        "429 with a huge wait": {"retry-after": "99999"},
    }
    return _html(429) if fault == "429 as HTML" else _error(429, asked.get(fault))


def instead(fault: str, chance: int, now: float) -> Reply:
    """Return what comes in the place of an answer, from a proxy or from the API before it acts."""
    if fault.startswith("429"):
        return _rate_limited(fault, chance, now)
    if fault == "redirect":
        return _redirect((301, 302, 303, 307, 308)[chance % 5], "https://login.example.org/")
    if fault == "HTML instead":
        return _html((200, 403, 503)[chance % 3])
    status = int(fault.split()[0])
    # A proxy's own errors are HTML, the API's are JSON; a 4xx of the API says that it did nothing.
    return _html(status) if status in (502, 503, 504, 408) and chance % 2 else _error(status)


def spoilt(fault: str, status: int, body: bytes, chance: int) -> Reply:
    """Return what is left of an answer after the server has acted."""
    if fault in ("another id", "no id"):
        return _without_id(status, json.loads(body), _OTHER_ID if fault == "another id" else None)
    if fault[0].isdigit():
        code = int(fault.split()[0])
        return _html(code) if chance % 2 else _error(code)
    made = {
        "redirect after": lambda: _redirect(303, "/login"),
        "HTML after": lambda: _html((200, 403, 502)[chance % 3]),
        "not JSON": lambda: _useless(status, f"the answer ({status}) is not valid JSON"),
        "cut off": lambda: _useless(status, "the answer was cut off"),
        "empty": lambda: reply(status, b""),
        "wrong shape": lambda: _json(status, ([], {"id": 7}, "ok", {"data": {}})[chance % 4]),
    }
    return made[fault]()


def _redirect(status: int, location: str) -> Reply:
    return Reply(
        status=status, body=None, is_json=False, is_empty=True, trouble="the answer is empty", location=location
    )


def _useless(status: int, trouble: str) -> Reply:
    return Reply(status=status, body=None, is_json=False, trouble=trouble)


def _json(status: int, body: Any) -> Reply:
    return Reply(status=status, body=body, is_json=True)


def _without_id(status: int, body: dict[str, Any], other: str | None) -> Reply:
    left = {key: value for key, value in body.items() if key != "id"}
    return _json(status, left if other is None else {**left, "id": other})
