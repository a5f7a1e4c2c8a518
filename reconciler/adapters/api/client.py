"""The sequences API behind a caller: a reader, which is all that planning gets, and a writer."""

from urllib.parse import quote

from reconciler.adapters.api.caller import Caller, Forbidden
from reconciler.adapters.api.exchange import path_of
from reconciler.core.classify import answer_to_write, breaks_trust, reading, redirection, refuses_key, said
from reconciler.core.sent import Failure, NoReply
from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.outcome import Answer
from reconciler.model.sequence import Reading, Unreadable


class ApiReader:
    """Reads sequences. CredentialsError when the key is refused, ConfigurationError when the address is not the API."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def read(self, sequence_id: str) -> Reading:
        """Read one sequence by its uuid; an answer about another one is not believed."""
        return self._get(path_of(sequence_id), sequence_id=sequence_id, custom_id=None)

    def find(self, custom_id: str) -> Reading:
        """Look one up by its custom_id; an answer is believed only if it has that custom_id."""
        return self._get(f"/sequences/{quote(custom_id, safe='')}", sequence_id=None, custom_id=custom_id)

    def _get(self, path: str, *, sequence_id: str | None, custom_id: str | None) -> Reading:
        reply = self._caller.call("GET", path)
        if isinstance(reply, NoReply):
            if breaks_trust(reply):
                raise ConfigurationError(
                    reply.reason, hint="check the address; SSL_CERT_FILE names the certificates that are trusted"
                )
            is_unasked = reply.failure in (Failure.OUT_OF_TIME, Failure.HALTED)
            return Unreadable(reply.reason, is_unasked=is_unasked)
        if redirected := redirection(reply):
            raise ConfigurationError(redirected, hint="check the address of the API, and any proxy on the way")
        if refuses_key(reply):
            raise CredentialsError(
                f"the API refused the key ({reply.status}){said(reply)}",
                hint="check that the key is the right one and has the scope `sequences:read`",
            )
        return reading(reply, sequence_id=sequence_id, custom_id=custom_id)


class ApiWriter:
    """Writes sequences. What the network or the API does comes back as a value."""

    def __init__(self, caller: Caller, *, forbidden: Forbidden = lambda: None) -> None:
        self._caller = caller
        self._forbidden = forbidden

    def unless(self, forbidden: Forbidden) -> "ApiWriter":
        """Return a writer of which nothing leaves at a moment at which it is forbidden, however long it has waited."""
        return ApiWriter(self._caller, forbidden=forbidden)

    def create(self, body: bytes) -> Answer:
        """POST a new sequence."""
        return answer_to_write(self._caller.call("POST", "/sequences", body, forbidden=self._forbidden), creates=True)

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH a sequence with its whole body."""
        reply = self._caller.call("PATCH", path_of(sequence_id), body, forbidden=self._forbidden)
        return answer_to_write(reply, creates=False)

    def cancel(self, sequence_id: str) -> Answer:
        """PUT the cancel of a sequence; the call has no body."""
        reply = self._caller.call("PUT", f"{path_of(sequence_id)}/cancel", forbidden=self._forbidden)
        return answer_to_write(reply, creates=False)
