"""Which failures prove that nothing was sent: a row for each, so that a new one must be decided."""

import pytest

from reconciler.core.classify import answer_to_write, breaks_trust
from reconciler.core.sent import Failure, NoReply, may_have_arrived, no_reply
from reconciler.errors import ExitCode
from reconciler.model.outcome import NotSent, Unanswered

NOT_SENT = {
    Failure.NAME: ExitCode.UNAVAILABLE,
    Failure.REFUSED: ExitCode.UNAVAILABLE,
    Failure.UNREACHABLE: ExitCode.UNAVAILABLE,
    Failure.CONNECT_TIMEOUT: ExitCode.UNAVAILABLE,
    Failure.UNTRUSTED: ExitCode.REFUSED_CONFIGURATION,
    Failure.HANDSHAKE: ExitCode.REFUSED_CONFIGURATION,
    Failure.PROXY: ExitCode.UNAVAILABLE,
    Failure.POOL: ExitCode.UNAVAILABLE,
    Failure.MALFORMED: ExitCode.UNAVAILABLE,
    Failure.HALTED: ExitCode.REFUSED,
    Failure.OUT_OF_TIME: ExitCode.UNAVAILABLE,
    Failure.HELD: ExitCode.UNAVAILABLE,
}
UNKNOWN = {
    Failure.WRITE,
    Failure.WRITE_TIMEOUT,
    Failure.READ,
    Failure.READ_TIMEOUT,
    Failure.PROTOCOL,
    Failure.UNKNOWN,
}


def test_every_failure_is_one_or_the_other() -> None:
    assert set(Failure) == set(NOT_SENT) | UNKNOWN
    assert set(NOT_SENT) & UNKNOWN == set()


@pytest.mark.parametrize(("failure", "cause"), NOT_SENT.items())
@pytest.mark.parametrize("creates", [True, False])
def test_what_was_not_sent_is_called_so(failure: Failure, cause: ExitCode, creates: bool) -> None:
    assert not may_have_arrived(failure)
    assert no_reply(failure, "why") == NoReply("why", False, failure)
    assert answer_to_write(no_reply(failure, "why"), creates=creates) == NotSent("why", cause=cause)
    assert breaks_trust(no_reply(failure, "why")) == (cause is ExitCode.REFUSED_CONFIGURATION)


@pytest.mark.parametrize("failure", sorted(UNKNOWN))
@pytest.mark.parametrize("creates", [True, False])
def test_what_may_have_arrived_is_never_called_not_sent(failure: Failure, creates: bool) -> None:
    assert may_have_arrived(failure)
    assert answer_to_write(no_reply(failure, "why"), creates=creates) == Unanswered("why")
