"""What an HTTP answer proves. Decided by status and by whether the API itself spoke, never by the text of a message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.core.normalise import to_live
from reconciler.core.sent import Failure, NoReply
from reconciler.errors import ExitCode
from reconciler.model.outcome import Accepted, Answer, NotSent, Rejected, Unanswered
from reconciler.model.sequence import Gone, Live, Reading, Unreadable

_REFUSED_KEY: Final = (401, 403)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_NO_SECRET_CHANNEL: Final = (Failure.UNTRUSTED, Failure.HANDSHAKE)
_LONGEST_MESSAGE: Final = 200
# Why an answer to a look-up by custom_id is not believed.
FOREIGN: Final = "asked for one custom_id, got a sequence with another"
_HOST: Final = re.compile(r"[a-z0-9.:_-]{1,253}", re.ASCII)
# An e-mail address, or digits enough for a phone number, which a message may quote back: neither belongs in a log.
# It begins where a word does and never looks back, since what a server says may have megabytes.
_PERSONAL: Final = re.compile(r"(?<![^\s@<>\"'`,;:])[^\s@<>\"'`,;:]++@[^\s@<>\"'`,;:]+|\+?\d(?:[ ()./-]{0,2}\d){6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status line that was seen. `body` is the decoded JSON, None where what came is not the API's JSON.

    `trouble` says why it is not. An empty body is nobody's word: a proxy sends one as well as the API.
    `retry_after`, `date` and `location` are the headers of those names, as they came.
    """

    status: int
    body: Any
    is_json: bool
    is_empty: bool = False
    trouble: str = ""
    retry_after: str | None = None
    date: str | None = None
    location: str | None = None

    @property
    def is_the_apis(self) -> bool:
        """Tell whether the API itself spoke: its errors, too, are JSON objects."""
        return self.is_json and isinstance(self.body, Mapping)


def refuses_key(reply: Reply) -> bool:
    """Tell whether the API refused the key itself."""
    return reply.status in _REFUSED_KEY and reply.is_the_apis


def reading(reply: Reply, *, sequence_id: str | None, custom_id: str | None) -> Reading:
    """Return what an answer to GET says, asked by id or by custom_id; only the API's own 404 means gone."""
    if not reply.is_the_apis:
        return Unreadable(reply.trouble or f"the answer ({reply.status}) did not come from the API")
    if reply.status == 404:
        return Gone()
    if reply.status != 200:
        return Unreadable(f"the API answered {reply.status}{said(reply)}")
    live = to_live(reply.body)
    if live is None:
        return Unreadable("the answer has not the shape of a sequence")
    return _if_asked_for(live, sequence_id=sequence_id, custom_id=custom_id)


def _if_asked_for(live: Live, *, sequence_id: str | None, custom_id: str | None) -> Reading:
    if sequence_id is not None and live.id != sequence_id:
        return Unreadable(f"asked for {sequence_id}, got {live.id}", is_mixed_up=True)
    if custom_id is not None and live.custom_id != custom_id:
        return Unreadable(FOREIGN)
    return live


def breaks_trust(seen: Reply | NoReply) -> bool:
    """Tell whether the key cannot be sent safely to the API's address: no later request would fare better."""
    return isinstance(seen, NoReply) and seen.failure in _NO_SECRET_CHANNEL


def redirection(reply: Reply) -> str:
    """Return where the answer wants the request to be sent instead, as a sentence; "" for an answer that does not."""
    if reply.status not in _REDIRECTS:
        return ""
    try:
        host = urlsplit(reply.location or "").hostname or ""
    except ValueError:
        host = ""
    shown = host if _HOST.fullmatch(host) else "another address"
    return f"the API redirected to {shown}; not followed, the key was not sent there"


def answer_to_write(reply: Reply | NoReply, *, creates: bool) -> Answer:
    """Return what an answer to POST or PATCH says about what was done."""
    if isinstance(reply, NoReply):
        return _without_reply(reply)
    status = reply.status
    if status == 429:
        return NotSent("the request limit is used up (429)")
    if refuses_key(reply):
        return NotSent(f"the key was refused ({status}){said(reply)}", cause=ExitCode.REFUSED_CONFIGURATION)
    if 200 <= status < 300:
        return _accepted(reply, creates=creates)
    if 400 <= status < 500 and status != 408 and reply.is_the_apis:
        return Rejected(status, f"the API refused it ({status}){said(reply)}")
    redirected = redirection(reply)
    silent = f"the answer ({status}{said(reply)}) does not tell whether it was done"
    return Unanswered(redirected or silent, redirected=bool(redirected))


def _without_reply(reply: NoReply) -> Answer:
    if reply.was_sent:
        return Unanswered(reply.reason)
    if breaks_trust(reply):
        return NotSent(reply.reason, cause=ExitCode.REFUSED_CONFIGURATION)
    return NotSent(reply.reason, cause=ExitCode.REFUSED if reply.failure is Failure.HALTED else ExitCode.UNAVAILABLE)


def _accepted(reply: Reply, *, creates: bool) -> Answer:
    if not creates:
        spoke = reply.is_json or reply.is_empty  # no body is documented for a PATCH
        return Accepted() if spoke else Unanswered(f"the answer ({reply.status}) did not come from the API")
    named = reply.body.get("id") if isinstance(reply.body, Mapping) else None
    if isinstance(named, str):
        return Accepted(named)
    created = reply.is_the_apis or reply.status == 201  # a page with 200 is some proxy's
    return Unanswered(f"it was accepted ({reply.status}), but its id was not received", accepted=created)


def said(reply: Reply) -> str:
    """Return what the API's error body says, after a colon; shortened, nobody's address in it; "" for nothing."""
    message = reply.body.get("message") if isinstance(reply.body, Mapping) else None
    if not isinstance(message, str) or not message:
        return ""
    message = _PERSONAL.sub("(withheld)", message)
    return ": " + (message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "…")
