"""What the client makes of answers on a real socket: only the API's own word counts."""

import json
import socket
from collections.abc import Callable

import pytest

from reconciler.adapters.api.client import ApiReader, ApiWriter
from reconciler.errors import ConfigurationError, CredentialsError, ExitCode, RefusedError
from reconciler.model.outcome import Accepted, Answer, NotSent, Rejected, Unanswered
from reconciler.model.sequence import Gone, Live, Unreadable
from tests.adapters.api.conftest import KEY, Script, caller_of, connect, response

ID = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"
SEQUENCE = {
    "id": ID,
    "org_id": "org",
    "name": "Welcome",
    "custom_id": "welcome",
    "filter": None,
    "steps": [{"action": {"type": "x"}, "delay_in_minutes": 5.0, "started_at": "2026-01-01T00:00:00Z"}],
    "is_continuous": True,
    "started_at": None,
    "canceled_at": None,
    "ended_at": None,
    "status": "active",
}
Answering = Callable[[bytes], tuple[ApiReader, ApiWriter, Script]]


def body_of(**changes: object) -> bytes:
    return json.dumps({**SEQUENCE, **changes}).encode()


def test_a_sequence_is_read_without_what_only_the_server_writes(answering: Answering) -> None:
    reader, _, _ = answering(response("200 OK", body_of()))
    found = reader.read(ID)
    assert isinstance(found, Live)
    assert (found.id, found.org_id, found.status) == (ID, "org", "active")
    assert found.payload.value == {
        "custom_id": "welcome",
        "name": "Welcome",
        "is_continuous": True,
        "filter": None,
        "steps": [{"action": {"type": "x"}, "delay_in_minutes": 5}],
    }


@pytest.mark.parametrize(
    "answer",
    [
        response("200 OK", body_of(id=OTHER)),
        response("200 OK", b"<html>login</html>", kind="text/html"),
        response("200 OK", b""),
        response("200 OK", b"[]"),
        response("200 OK", b"{}"),
        response("200 OK", b'{"id": NaN}'),
        response("200 OK", body_of(name="Hi-").replace(b'"Hi-"', b'"Hi-\\ud83d"')),
        response("200 OK", body_of(name="x").replace(b'"x"', b"1e999")),
        response("200 OK", body_of(filter="x").replace(b'"x"', b"[" * 900 + b"]" * 900)),
        response("404 Not Found", b""),
        response("404 Not Found", b"[]"),
        response("401 Unauthorized", b""),
        response("200 OK", b"[" * 200_000),
        response("200 OK", b'{"id": ' + b"9" * 6000 + b"}"),
        response("200 OK", b"\xff\xfe{}"),
        response("200 OK", body_of(steps="none")),
        response("404 Not Found", b"<html>nginx</html>", kind="text/html"),
        response("500 Internal Server Error", b'{"statusCode": 404}'),
        response("503 Service Unavailable", b"{}"),
        response("429 Too Many Requests", b"{}"),
        response("204 No Content"),
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{",
        b"nonsense\r\n\r\n",
        b"",
    ],
    ids=[
        "another id", "a page", "nothing", "a list", "no fields", "NaN", "half an emoji", "an infinite number",
        "deep", "an empty 404", "a 404 of another shape", "an empty 401", "too deep", "a huge number", "not UTF-8",
        "steps of another shape", "a proxy's 404", "500 that says 404", "503", "429", "204",
        "cut off", "not HTTP", "hung up",
    ],
)  # fmt: skip
def test_what_is_not_the_apis_word_is_unreadable_and_never_gone(answering: Answering, answer: bytes) -> None:
    reader, _, _ = answering(answer)
    assert isinstance(reader.read(ID), Unreadable)


def test_the_apis_own_404_means_gone(answering: Answering) -> None:
    reader, _, _ = answering(response("404 Not Found", b'{"statusCode": 404, "message": "no"}'))
    assert reader.read(ID) == Gone()


@pytest.mark.parametrize(
    "quoted",
    ["ann@example.com", "+15550100123", "0049 151 23456789", "15551234567", "(555) 010-0123", "+49-151-2345678"],
)
def test_nobodys_address_or_number_is_passed_on_from_a_message(answering: Answering, quoted: str) -> None:
    _, writer, _ = answering(response("400 Bad Request", json.dumps({"message": f"no: {quoted} is taken"}).encode()))
    answer = writer.update(ID, b"{}")
    assert isinstance(answer, Rejected)
    assert "is taken" in answer.reason
    assert quoted not in answer.reason
    assert quoted[-6:] not in answer.reason


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_key_stops_everything(answering: Answering, status: str) -> None:
    reader, _, _ = answering(response(status, b'{"message": "who are you"}'))
    with pytest.raises(CredentialsError, match="who are you"):
        reader.read(ID)


def test_a_look_up_is_believed_only_with_the_custom_id_that_was_asked_for(answering: Answering) -> None:
    reader, _, script = answering(response("200 OK", body_of(custom_id="other")))
    assert isinstance(reader.find("welcome"), Unreadable)
    script.answers[0] = response("200 OK", body_of())
    assert isinstance(reader.find("welcome"), Live)
    assert script.seen[0].startswith(b"GET /sequences/welcome HTTP/1.1\r\n")


@pytest.mark.parametrize("hostile", ["a/b", "..", "a?x=1", "a#f", "a b", "", "é", "a\n", "x" * 129, "%2e%2e"])
def test_an_id_that_would_change_the_address_is_never_sent(answering: Answering, hostile: str) -> None:
    reader, writer, script = answering(response("200 OK", body_of()))
    with pytest.raises(RefusedError, match="an id holds characters that no id has"):
        reader.read(hostile)
    with pytest.raises(RefusedError):
        writer.update(hostile, b"{}")
    assert script.seen == []


WRITES: list[tuple[str, bytes, Answer | type, Answer | type]] = [
    ("accepted", response("201 Created", json.dumps({"id": ID}).encode()), Accepted(ID), Accepted()),
    ("accepted without a body", response("200 OK", b""), Unanswered, Accepted()),
    ("accepted with an id of another type", response("201 Created", b'{"id": 5}'), Unanswered, Accepted()),
    ("a page with 200", response("200 OK", b"<html>", kind="text/html"), Unanswered, Unanswered),
    (
        "cut off",
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
        Unanswered,
        Unanswered,
    ),
    ("a redirect", response("307 Temporary Redirect", b"", location="http://127.0.0.1:1/"), Unanswered, Unanswered),
    ("bad request", response("400 Bad Request", b'{"message": "no"}'), Rejected, Rejected),
    ("a conflict", response("409 Conflict", b"{}"), Rejected, Rejected),
    ("a proxy's 403", response("403 Forbidden", b"<html>", kind="text/html"), Unanswered, Unanswered),
    ("request timeout", response("408 Request Timeout", b"{}"), Unanswered, Unanswered),
    ("rate limited", response("429 Too Many Requests", b"{}"), NotSent, NotSent),
    ("refused key", response("401 Unauthorized", b"{}"), NotSent, NotSent),
    ("server error", response("500 Internal Server Error", b"{}"), Unanswered, Unanswered),
    ("bad gateway", response("502 Bad Gateway", b"<html>", kind="text/html"), Unanswered, Unanswered),
    ("hung up", b"", Unanswered, Unanswered),
    ("an empty 400", response("400 Bad Request"), Unanswered, Unanswered),
    ("an empty 401", response("401 Unauthorized"), Unanswered, Unanswered),
]


def is_like(answer: Answer, expected: Answer | type) -> bool:
    return isinstance(answer, expected) if isinstance(expected, type) else answer == expected


@pytest.mark.parametrize(("answer", "created", "updated"), [row[1:] for row in WRITES], ids=[row[0] for row in WRITES])
def test_what_an_answer_to_a_write_proves(
    answering: Answering, answer: bytes, created: Answer | type, updated: Answer | type
) -> None:
    _, writer, _ = answering(answer)
    assert is_like(writer.create(b"{}"), created)
    assert is_like(writer.update(ID, b"{}"), updated)


def test_a_body_is_sent_byte_for_byte(answering: Answering) -> None:
    _, writer, script = answering(response("200 OK", b"{}"))
    body = b'{"name":"Gr\\u00fc\\u00dfe","steps":[]}'
    writer.update(ID, body)
    assert script.seen[0].startswith(f"PATCH /sequences/{ID} HTTP/1.1\r\n".encode())
    assert script.seen[0].endswith(b"\r\n\r\n" + body)


def test_a_closed_port_proves_that_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        connection = connect(f"http://127.0.0.1:{taken.getsockname()[1]}")
        try:
            caller = caller_of(connection)
            answer = ApiWriter(caller).create(b"{}")
            assert isinstance(answer, NotSent)
            assert answer.cause is ExitCode.UNAVAILABLE
            assert answer.reason == "cannot connect to 127.0.0.1: refused; nothing was sent"
            assert isinstance(ApiReader(caller).read(ID), Unreadable)
        finally:
            connection.close()


def test_an_answer_that_is_too_large_is_not_kept(answering: Answering) -> None:
    reader, writer, _ = answering(response("200 OK", b'{"x": "' + b"a" * (6 * 2**20) + b'"}'))
    found = reader.read(ID)
    assert isinstance(found, Unreadable)
    assert "larger than" in found.reason
    assert isinstance(writer.create(b"{}"), Unanswered)


def test_a_proxy_of_the_machine_is_not_asked_for_loopback(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    reader, _, _ = answering(response("200 OK", body_of()))
    assert isinstance(reader.read(ID), Live)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://evil.example/sequences?token=abc", "evil.example"),
        ("http://user:secret@EVIL.example:8443/x", "evil.example"),
        (f"https://{KEY}.example/", "another address"),
        ("/login", "another address"),
        ("https://[half", "another address"),
        ("https://evil.example\x1b[31m/", "another address"),
    ],
)
def test_a_redirect_is_never_followed_and_only_its_host_is_shown(
    answering: Answering, status: str, location: str, named: str
) -> None:
    reader, writer, script = answering(response(status, b"", location=location))
    with pytest.raises(ConfigurationError) as caught:
        reader.read(ID)
    text = f"the API redirected to {named}; not followed, the key was not sent there"
    assert caught.value.message == text
    assert caught.value.exit_code == 4
    assert writer.create(b"{}") == writer.update(ID, b"{}") == Unanswered(text, redirected=True)
    assert len(script.seen) == 3


@pytest.mark.parametrize("kind", ["application/json", KEY.upper()])
def test_a_key_that_the_server_quotes_back_is_withheld(answering: Answering, kind: str) -> None:
    message = json.dumps({"message": f"the key {KEY} is unknown"}).encode()
    _, writer, _ = answering(response("400 Bad Request", message, kind=kind))
    answer = writer.update(ID, b"{}")
    assert isinstance(answer, Rejected | Unanswered)
    assert KEY not in answer.reason.lower()


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "trailing\n", "Ünicode", ""])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect("http://127.0.0.1:1", key=key)
    assert not key.strip() or key not in str(caught.value)


def test_the_key_goes_into_the_header_and_into_no_message(answering: Answering) -> None:
    reader, _, script = answering(b"nonsense\r\n\r\n")
    found = reader.read(ID)
    assert f"authorization: bearer {KEY}".encode() in script.seen[0].lower()
    assert isinstance(found, Unreadable)
    assert KEY not in found.reason
