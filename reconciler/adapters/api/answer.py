"""An answer's bytes made a value: within bounds, and only JSON that can be kept and sent again."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

import httpx

from reconciler.adapters.api.withheld import Withheld
from reconciler.core.classify import Reply

LARGEST_ANSWER: Final = 5 * 2**20
DEEPEST_ANSWER: Final = 64
_LONGEST_HEADER: Final = 512


def reply_of(response: httpx.Response, failed: Callable[[httpx.HTTPError], str], withheld: Withheld) -> Reply:
    """Read an answer whose head is there; the status counts, whatever becomes of the rest.

    `failed` words a failure; the key is `withheld` where the answer quotes it.
    """
    data = bytearray()
    trouble = _encoding(response)
    try:
        if not trouble:
            for chunk in response.iter_raw():
                data += chunk
                if len(data) > LARGEST_ANSWER:
                    trouble = f"the answer is larger than {LARGEST_ANSWER // 2**20} MiB"
                    break
    except httpx.HTTPError as error:
        trouble = f"the answer was cut off: {failed(error)}"
    finally:
        response.close()
    return _reply(response, b"" if trouble else bytes(data), trouble, withheld)


def _encoding(response: httpx.Response) -> str:
    """Return what is wrong with an answer's encoding: it was asked to have none, since little may unfold to a lot."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    return "" if encoding in ("", "identity") else "the answer is compressed, which it was asked not to be"


def _reply(response: httpx.Response, data: bytes, trouble: str, withheld: Withheld) -> Reply:
    body, is_empty = None, not trouble and not data.strip()
    if not trouble:
        try:
            trouble = _not_json(response, data)
            body = None if trouble else _json_value(data.decode("utf-8"), withheld)
        except (ValueError, RecursionError):
            trouble = f"the answer ({response.status_code}) is not valid JSON"
    location = _header(response, "location")
    return Reply(
        status=response.status_code,
        body=body,
        is_json=not trouble,
        is_empty=is_empty,
        trouble=withheld.of_text(trouble),
        retry_after=_header(response, "retry-after"),
        date=_header(response, "date"),
        location=None if location is None else withheld.of_text(location),
    )


def _header(response: httpx.Response, name: str) -> str | None:
    value: str | None = response.headers.get(name)
    return value if value is None or len(value) <= _LONGEST_HEADER else ""


def _not_json(response: httpx.Response, data: bytes) -> str:
    """Return why an answer cannot be JSON; "" where it may be."""
    status = response.status_code
    if not data.strip():
        return f"the answer ({status}) is empty"
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return ""
    shown = re.sub(r"[^a-z0-9/+.-]", "?", kind[:80]) or "no type"
    return f"the answer ({status}) is {shown}, not JSON"


def _json_value(text: str, withheld: Withheld) -> Any:
    """Return a value that can be kept and sent again; ValueError for one that cannot.

    Half of a surrogate pair, as a server sends it that cuts a text inside an emoji, is no text that UTF-8 can hold.
    """
    body = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    if "\\u" in text:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    if text.count("[") + text.count("{") > DEEPEST_ANSWER:
        _refuse_depth(body)
    return withheld.of_json(text, body)


def _refuse_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST_ANSWER):
        insides = (each.values() if isinstance(each, dict) else each for each in level)
        level = [child for inside in insides for child in inside if isinstance(child, dict | list)]
    if level:
        raise ValueError(DEEPEST_ANSWER)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
