"""The sequences API over a connection: a reader, which is all that planning gets, and a writer."""

from urllib.parse import quote

from reconciler.adapters.api.connection import Connection, NoReply, path_of
from reconciler.core.classify import Reply, answer_to_write, reading, refuses_key, said
from reconciler.errors import CredentialsError
from reconciler.model.outcome import Answer, NotSent, Unanswered
from reconciler.model.sequence import Reading, Unreadable


class ApiReader:
    """Reads sequences. CredentialsError when the key is refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, sequence_id: str) -> Reading:
        """Read one sequence by its uuid; an answer about another one is not believed."""
        return self._get(path_of(sequence_id), sequence_id=sequence_id, custom_id=None)

    def find(self, custom_id: str) -> Reading:
        """Look one up by its custom_id; an answer is believed only if it has that custom_id."""
        return self._get(f"/sequences/{quote(custom_id, safe='')}", sequence_id=None, custom_id=custom_id)

    def _get(self, path: str, *, sequence_id: str | None, custom_id: str | None) -> Reading:
        reply = self._connection.send("GET", path)
        if isinstance(reply, NoReply):
            return Unreadable(reply.reason)
        if refuses_key(reply):
            raise CredentialsError(
                f"the API refused the key ({reply.status}){said(reply)}",
                hint="check that the key is the right one and has the scope `sequences:read`",
            )
        return reading(reply, sequence_id=sequence_id, custom_id=custom_id)


class ApiWriter:
    """Writes sequences. What the network or the API does comes back as a value."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, body: bytes) -> Answer:
        """POST a new sequence."""
        return _answer(self._connection.send("POST", "/sequences", body), creates=True)

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH a sequence with its whole body."""
        return _answer(self._connection.send("PATCH", path_of(sequence_id), body), creates=False)


def _answer(reply: Reply | NoReply, *, creates: bool) -> Answer:
    if isinstance(reply, NoReply):
        return Unanswered(reply.reason) if reply.was_sent else NotSent(reply.reason)
    return answer_to_write(reply, creates=creates)
