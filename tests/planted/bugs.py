"""The bugs that are planted: mistakes that a person could make, and that would lose, double or misreport something.

They are written against the package's text; `test_planted_bugs.py` tells when one does not apply any more. What each
one would do is said by its name. Mend a patch together with the text that it speaks of; never drop one for its age.
"""

from collections.abc import Iterator
from typing import Final

from tests.planted.bugs_of_fleets import fleets
from tests.planted.bugs_of_guards import guards
from tests.planted.bugs_of_risk import risk
from tests.planted.planting import Bug

_API: Final = ("tests/adapters/api", "tests/faults/test_faults_reads.py")
_CLASSIFY: Final = ("tests/core", "tests/adapters/api", "tests/faults/test_faults_reads.py")
_CREATES: Final = ("tests/scenarios/test_unanswered_creates.py", "tests/faults/test_faults_creates.py")
_UPDATES: Final = ("tests/scenarios/test_unanswered_updates.py", "tests/faults/test_faults_updates.py")
_LIMITS: Final = ("tests/core/test_core_budget.py", "tests/adapters/api", "tests/faults/test_faults_limits.py")
_STORE: Final = ("tests/adapters/store/test_store_contract.py", "tests/adapters/store/test_file_crashes.py")
_POWER: Final = ("tests/kills/test_power_loss.py",)
_KILLS: Final = ("tests/kills/test_kills.py",)
_CORE: Final = ("tests/core", "tests/model")
_SCENARIOS: Final = ("tests/scenarios", "tests/cli/test_exit_codes.py")


def _sending() -> Iterator[Bug]:
    """What leaves, and how often."""
    retry, connection = "reconciler/core/retry.py", "reconciler/adapters/api/connection.py"
    yield Bug(
        name="retry-a-post-on-timeout",
        file=retry,
        old='(seen.was_sent and method != "GET")',
        new='(seen.was_sent and method == "PATCH")',
        tests=("tests/core/test_core_retry.py", *_CREATES),
    )
    yield Bug(
        name="retry-a-patch-without-reading-back",
        file=retry,
        old='(seen.was_sent and method != "GET")',
        new='(seen.was_sent and method == "POST")',
        tests=("tests/core/test_core_retry.py", *_UPDATES),
    )
    yield Bug(
        name="retry-a-write-on-a-server-error",
        file=retry,
        old='    if method != "GET":\n        return None\n',
        new="",
        tests=("tests/core/test_core_retry.py", *_UPDATES),
    )
    yield Bug(
        name="follow-redirects",
        file=connection,
        old="                response = self._transport.handle_request(request)\n",
        new="                response = self._transport.handle_request(request)\n"
        "                while response.status_code in (301, 302, 303, 307, 308):\n"
        '                    address = httpx.URL(response.headers["location"])\n'
        "                    request = httpx.Request(\n"
        "                        method, address, headers=self._headers, content=body, extensions=self._extensions\n"
        "                    )\n"
        "                    response = self._transport.handle_request(request)\n",
        tests=("tests/adapters/api", "tests/faults"),
    )
    yield Bug(
        name="print-the-key-in-an-error",
        file="reconciler/adapters/api/withheld.py",
        old='_SHOWN: Final = "(the key)"',
        new='_SHOWN: Final = r"\\g<0>"',
        tests=_API,
    )
    yield Bug(
        name="do-not-look-where-a-request-goes",
        file=connection,
        old="        if not _PATH.fullmatch(path):\n",
        new='        if not path.startswith("/"):\n',
        tests=_API,
    )
    yield Bug(
        name="send-a-post-on-a-kept-connection",
        file="reconciler/adapters/api/transport.py",
        old='        if method == "POST":\n            return self._fresh\n',
        new="",
        tests=_API,
    )
    yield Bug(
        name="go-through-a-proxy-to-this-machine",
        file="reconciler/adapters/api/transport.py",
        old="    if is_loopback(url.host):\n        return None\n",
        new="",
        tests=_API,
    )
    yield Bug(
        name="a-time-limit-for-each-chunk",
        file="reconciler/adapters/api/deadline.py",
        old="    return left if timeout is None else min(timeout, left)\n",
        new="    return timeout\n",
        tests=("tests/adapters/api", "tests/faults"),
    )
    yield Bug(
        name="an-id-that-ends-in-a-line-break",
        file="reconciler/adapters/api/exchange.py",
        old="    if not ID_SHAPE.fullmatch(sequence_id):\n",
        new='    if not __import__("re").match(r"[A-Za-z0-9_-]{1,128}$", sequence_id):\n',
        tests=_API,
    )


def _limit() -> Iterator[Bug]:
    """The request budget, and what a server asks for."""
    retry = "reconciler/core/retry.py"
    yield Bug(
        name="ignore-retry-after",
        file=retry,
        old="    asked = asked_seconds(seen.retry_after, seen.date)\n    if asked is not None",
        new="    asked = None\n    if asked is not None",
        tests=("tests/core/test_core_retry.py", *_LIMITS),
    )
    yield Bug(
        name="sleep-for-as-long-as-a-server-says",
        file=retry,
        old="LONGEST_WAIT: Final = 120.0",
        new="LONGEST_WAIT: Final = 1e9",
        tests=("tests/core/test_core_retry.py", *_LIMITS),
    )
    yield Bug(
        name="refill-the-window-smoothly",
        file="reconciler/core/budget.py",
        old="at = max(now, oldest + limit.window, hold)",
        new="at = max(now, oldest + limit.window / limit.requests, hold)",
        tests=_LIMITS,
    )
    yield Bug(
        name="count-from-the-sending-of-a-request",
        file="reconciler/adapters/api/limiter.py",
        old="        self._end(turn, now, now)\n",
        new="        self._end(turn, turn.at, now)\n",
        tests=_LIMITS,
    )
    yield Bug(
        name="a-budget-for-each-process",
        file="reconciler/adapters/api/shared.py",
        old="notice=notice) if requests else None",
        new="notice=notice) if requests > 10**9 else None",
        tests=_LIMITS,
    )
    yield Bug(
        name="only-the-one-that-was-held-up-waits",
        file="reconciler/adapters/api/caller.py",
        old="            if again.for_all:\n                self._limiter.hold(until, until - again.seconds)\n",
        new="",
        tests=_LIMITS,
    )


def _believing() -> Iterator[Bug]:
    """What an answer is taken for."""
    classify = "reconciler/core/classify.py"
    yield Bug(
        name="trust-a-page-of-html",
        file=classify,
        old="        spoke = reply.is_json or reply.is_empty",
        new="        spoke = True",
        tests=(*_CLASSIFY, *_UPDATES),
    )
    yield Bug(
        name="take-an-empty-404-for-gone",
        file=classify,
        old="    if not reply.is_the_apis:\n        return Unreadable",
        new="    if not reply.is_the_apis and (reply.status, reply.is_empty) != (404, True):\n"
        "        return Unreadable",
        tests=_CLASSIFY,
    )
    yield Bug(
        name="take-unreadable-for-gone",
        file=classify,
        old='        return Unreadable(f"the API answered {reply.status}{said(reply)}")',
        new="        return Gone()",
        tests=_CLASSIFY,
    )
    yield Bug(
        name="believe-an-answer-about-another-sequence",
        file=classify,
        old="    if sequence_id is not None and live.id != sequence_id:\n",
        new="    if sequence_id is None and live.id != sequence_id:\n",
        tests=_CLASSIFY,
    )
    yield Bug(
        name="count-a-server-error-as-not-sent",
        file=classify,
        old="    redirected = redirection(reply)\n    silent = ",
        new='    if status >= 500:\n        return NotSent("a server error")\n'
        "    redirected = redirection(reply)\n    silent = ",
        tests=(*_CLASSIFY, *_CREATES),
    )
    yield Bug(
        name="count-a-broken-connection-as-not-sent",
        file="reconciler/core/sent.py",
        old="        Failure.POOL,\n        Failure.MALFORMED,",
        new="        Failure.POOL,\n        Failure.READ,\n        Failure.MALFORMED,",
        tests=("tests/core/test_core_sent.py", *_CREATES),
    )
    yield Bug(
        name="go-on-with-a-key-that-is-refused",
        file=classify,
        old="_REFUSED_KEY: Final = (401, 403)",
        new="_REFUSED_KEY: Final = (407,)",
        tests=(*_CLASSIFY, "tests/faults"),
    )
    yield Bug(
        name="read-an-answer-of-any-size",
        file="reconciler/adapters/api/answer.py",
        old="                if len(data) > LARGEST_ANSWER:\n",
        new="                if len(data) > LARGEST_ANSWER**2:\n",
        tests=_API,
    )
    yield Bug(
        name="take-a-2xx-for-a-proof",
        file="reconciler/core/verify.py",
        old="    if same_payload(sent, found.payload):\n        return judged\n",
        new="    if judged:\n        return judged\n",
        tests=("tests/core/test_core_verify.py", *_SCENARIOS),
    )
    yield Bug(
        name="learn-any-rewrite",
        file="reconciler/core/learned.py",
        old="    return live if not same_payload(applied, live) and is_harmless(applied, live) else None",
        new="    return live if not same_payload(applied, live) else None",
        tests=("tests/core/test_core_learned.py", "tests/core"),
    )
    yield Bug(
        name="compare-numbers-by-pythons-rules",
        file="reconciler/model/jsonvalue.py",
        old="    return left == right and isinstance(left, bool) == isinstance(right, bool)",
        new="    return left == right",
        tests=_CORE,
    )
    yield Bug(
        name="tell-5-from-5.0",
        file="reconciler/model/jsonvalue.py",
        old="        return int(value) if value.is_integer() else value",
        new="        return value",
        tests=_CORE,
    )


def _writing() -> Iterator[Bug]:
    """One change: the look before, the intent, the write, the look after."""
    write, settle, probe = (f"reconciler/app/{name}.py" for name in ("write", "settle", "probe"))
    post = "    intend(change, body, means, id_=None)\n    answer = means.writer.create(body.encoded)\n"
    patch = (
        "    intend(change, body, means, id_=id_, before=before)\n    answer = means.writer.update(id_, body.encoded)\n"
    )
    yield Bug(
        name="forget-the-intent-of-a-post",
        file=write,
        old=post,
        new="    answer = means.writer.create(body.encoded)\n",
        tests=_CREATES,
    )
    yield Bug(
        name="settle-a-post-before-its-answer",
        file=write,
        old=post,
        new="    intend(change, body, means, id_=None)\n    take_back(change, means)\n"
        "    answer = means.writer.create(body.encoded)\n",
        tests=(*_CREATES, *_KILLS),
    )
    yield Bug(
        name="write-the-intent-of-a-post-after-it",
        file=write,
        old=post,
        new="    answer = means.writer.create(body.encoded)\n    intend(change, body, means, id_=None)\n",
        tests=(*_CREATES, *_KILLS),
    )
    yield Bug(
        name="forget-the-intent-of-a-patch",
        file=write,
        old=patch,
        new="    answer = means.writer.update(id_, body.encoded)\n",
        tests=(*_UPDATES, "tests/app", *_KILLS),
    )
    yield Bug(
        name="forget-the-id-of-a-new-sequence",
        file=write,
        old="    intend(change, body, means, id_=id_)\n    found = read_back(",
        new="    found = read_back(",
        tests=("tests/app/test_bugs.py",),
    )
    yield Bug(
        name="skip-the-look-before-a-patch",
        file=write,
        old="    ended = before_update(change, body, before, org_id=means.org_id)\n",
        new="    ended = None\n",
        tests=(*_SCENARIOS, "tests/app"),
    )
    yield Bug(
        name="skip-the-look-before-a-post",
        file=write,
        old="    found = means.reader.find(change.custom_id)\n"
        "    refused = before_create(change, found) or forbidden(change, found, means)\n",
        new="    refused = None\n",
        tests=(*_SCENARIOS, "tests/app"),
    )
    yield Bug(
        name="resend-an-update-twice",
        file=settle,
        old="            return _last_look(change, body, before, answer, means)\n",
        new="            means.writer.update(before.id, body.encoded)\n"
        "            return _last_look(change, body, before, answer, means)\n",
        tests=_UPDATES,
    )
    yield Bug(
        name="resend-other-bytes",
        file=settle,
        old="    answer = means.writer.update(before.id, body.encoded)\n    match",
        new='    answer = means.writer.update(before.id, body.encoded + b"\\n")\n    match',
        tests=_UPDATES,
    )
    yield Bug(
        name="write-over-what-somebody-did-meanwhile",
        file=settle,
        old="    if what is Shown.OTHER:\n",
        new="    if what is Shown.NOTHING:\n",
        tests=_UPDATES,
    )
    yield Bug(
        name="send-an-update-again-that-is-in-place",
        file=settle,
        old="    if what is Shown.SENT:\n        return in_place(change, body, found, _IN_PLACE)\n",
        new="",
        tests=_UPDATES,
    )
    yield Bug(
        name="take-no-find-for-a-proof-that-there-was-no-create",
        file=probe,
        old="    if tells:\n        likely = ",
        new="    if tells:\n        from reconciler.model.state import Settled\n\n"
        "        means.session.append(Settled(custom_id=change.custom_id, record=None))\n"
        "        return outcome(change, Status.NOT_SENT, happened)\n    if tells:\n        likely = ",
        tests=_CREATES,
    )
    yield Bug(
        name="take-anything-that-is-found-for-what-was-sent",
        file=probe,
        old="    if is_rewriting(body, found.payload):\n",
        new="    if found.payload:\n",
        tests=_CREATES,
    )
    yield Bug(
        name="go-on-after-an-unknown-create",
        file=probe,
        old="    return replace(outcome(change, Status.UNKNOWN, told), stops=True)",
        new="    return replace(outcome(change, Status.UNKNOWN, told), stops=False)",
        tests=(*_CREATES, *_SCENARIOS),
    )
    yield Bug(
        name="go-on-after-any-number-of-failures",
        file="reconciler/app/apply.py",
        old="_FAILURES_IN_A_ROW: Final = 3",
        new="_FAILURES_IN_A_ROW: Final = 3000",
        tests=(*_SCENARIOS, "tests/app", "tests/faults"),
    )
    yield Bug(
        name="lower-the-exit-code-of-unknown",
        file="reconciler/core/codec/apply.py",
        old="            return ExitCode.UNKNOWN\n",
        new="            return ExitCode.PARTIAL\n",
        tests=("tests/core/test_core_apply_document.py", *_CREATES),
    )
    yield Bug(
        name="write-after-the-run-has-ended",
        file="reconciler/app/gate.py",
        old="            if shut:\n",
        new="            if shut and self._appending is None:\n",
        tests=("tests/app", "tests/faults/test_faults_signals.py", "tests/cli/test_exit_codes.py"),
    )
    yield Bug(
        name="drop-is-continuous-from-the-body",
        file="reconciler/adapters/manifests/manifest.py",
        old='    return {"is_continuous": True, **{key: value[key] for key in MANAGED_FIELDS if key in value}}',
        new="    return {key: value[key] for key in MANAGED_FIELDS if key in value}",
        tests=("tests/adapters/manifests", "tests/scenarios"),
    )
    yield Bug(
        name="let-a-blank-filter-pass",
        file="reconciler/core/audience.py",
        old='        return (), "a filter that is null (or left blank) is everyone"\n',
        new="        return None\n",
        tests=("tests/core/test_core_law_of_audience.py",),
    )
    yield Bug(
        name="take-an-empty-group-for-nobody",
        file="reconciler/core/audience.py",
        old='            return ("or", position, "and"), "an empty `and` leaves nobody out"\n',
        new="            continue\n",
        tests=("tests/core/test_core_law_of_audience.py",),
    )


def _deciding() -> Iterator[Bug]:
    """What a plan may hold, and which one is carried out."""
    approve, planner = "reconciler/app/approve.py", "reconciler/core/planner.py"
    yield Bug(
        name="ignore-the-expected-digest",
        file=approve,
        old="    if expected is not None and digest != expected:\n",
        new="    if expected is not None and not digest:\n",
        tests=_SCENARIOS,
    )
    yield Bug(
        name="accept-a-stale-plan",
        file=approve,
        old="    moved = [] if given is None else differences(given, computed)\n",
        new="    moved: list[str] = []\n",
        tests=_SCENARIOS,
    )
    yield Bug(
        name="accept-an-edited-plan",
        file=approve,
        old="    if digests != given:\n",
        new="    if not digests:\n",
        tests=(*_SCENARIOS, "tests/core/test_core_plan_document.py"),
    )
    yield Bug(
        name="carry-a-plan-out-twice",
        file=approve,
        old="        if used.digest in named:\n",
        new="        if not named:\n",
        tests=_SCENARIOS,
    )
    yield Bug(
        name="create-without-a-proof-of-the-organisation",
        file=approve,
        old="    if not creates or state is None or not state.records or plan.org_id is not None:\n",
        new="    if creates or state is None or not state.records or plan.org_id is not None:\n",
        tests=_SCENARIOS,
    )
    yield Bug(
        name="plan-for-another-organisation",
        file="reconciler/core/guards.py",
        old="        if isinstance(reading, Live) and pinned is not None and reading.org_id != pinned:\n",
        new="        if isinstance(reading, Live) and pinned is not None and not reading.org_id:\n",
        tests=("tests/core", *_SCENARIOS),
    )
    yield Bug(
        name="adopt-without-being-told-to",
        file="reconciler/core/guarding/adoption.py",
        old="        elif policy is Adoption.ASKED and not proposal.adopts:\n",
        new="        elif policy is None:\n",
        tests=("tests/core/test_core_sequence_table.py", *_SCENARIOS),
    )
    yield Bug(
        name="create-what-may-have-been-created",
        file="reconciler/core/deciding.py",
        old="    is_waiting = desired.custom_id in snapshot.pending and not is_found\n",
        new="    is_waiting = desired.custom_id in snapshot.records and not is_found\n",
        tests=("tests/core/test_core_sequence_table.py", *_CREATES),
    )
    yield Bug(
        name="take-an-orphan-for-a-removal",
        file=planner,
        old="    left = [_orphan(snapshot, name) for name in orphans(snapshot) if snapshot.request.selects(name)]\n",
        new="    left: list[Change] = []\n",
        tests=("tests/core/test_core_sequence_table.py", *_SCENARIOS),
    )


def _keeping() -> Iterator[Bug]:
    """State: durable, whole, one writer."""
    durable, file, store, session = (
        f"reconciler/adapters/store/{name}.py" for name in ("durable", "file", "store", "session")
    )
    yield Bug(
        name="skip-the-folders-fsync",
        file=durable,
        old="    try:\n        os.fsync(descriptor)\n    finally:\n        os.close(descriptor)\n\n\ndef make_folder",
        new="    os.close(descriptor)\n\n\ndef make_folder",
        tests=(*_POWER, *_STORE),
    )
    yield Bug(
        name="skip-the-states-fsync",
        file=durable,
        old="            if synced:\n                os.fsync(file.fileno())\n",
        new="",
        tests=(*_POWER, *_STORE),
    )
    yield Bug(
        name="skip-the-journals-fsync",
        file=file,
        old="                    durable.write_all(descriptor, data)\n                    os.fsync(descriptor)\n",
        new="                    durable.write_all(descriptor, data)\n",
        tests=(*_POWER, *_STORE),
    )
    yield Bug(
        name="leave-half-an-entry-where-the-disk-is-full",
        file=file,
        old="                    with suppress(OSError):\n                        os.ftruncate(descriptor, size)\n",
        new="",
        tests=_STORE,
    )
    yield Bug(
        name="write-the-state-in-its-place",
        file=durable,
        old="        Path(name).replace(path)\n",
        new="        path.write_bytes(data)\n        Path(name).unlink()\n",
        tests=(*_POWER, *_STORE),
    )
    yield Bug(
        name="start-empty-on-a-broken-state",
        file=store,
        old="            good = self._last_good()\n",
        new="            return State(lineage=self._new_lineage(), serial=1)\n            good = self._last_good()\n",
        tests=_STORE,
    )
    yield Bug(
        name="start-empty-on-a-missing-state",
        file=file,
        old="            refusal = self._past.against(None if held is None else held.data)\n",
        new="            refusal = None\n",
        tests=_STORE,
    )
    yield Bug(
        name="forget-the-journal-of-a-killed-run",
        file=store,
        old="        return fold(state, found.entries) if found.heading.serial == state.serial else state\n",
        new="        return state\n",
        tests=(*_STORE, *_KILLS),
    )
    yield Bug(
        name="fold-a-journal-twice",
        file=store,
        old="        return fold(state, found.entries) if found.heading.serial == state.serial else state\n",
        new="        return fold(state, found.entries)\n",
        tests=(*_STORE, *_KILLS),
    )
    yield Bug(
        name="do-not-verify-the-checksum",
        file="reconciler/adapters/store/encoding.py",
        old="    if document.checksum != checksum or data[end:] != _closing(checksum):\n",
        new="    if data[end:] != _closing(document.checksum):\n",
        tests=_STORE,
    )
    yield Bug(
        name="do-not-verify-the-journal",
        file="reconciler/adapters/store/journal.py",
        old="    if check != _check(content):\n",
        new="    if not check:\n",
        tests=_STORE,
    )
    yield Bug(
        name="do-not-raise-the-serial",
        file="reconciler/core/ledger.py",
        old="    return replace(folded, looks=seen, serial=state.serial + 1, unmoved_since=unmoved_since)\n",
        new="    return replace(folded, looks=seen, unmoved_since=unmoved_since)\n",
        tests=("tests/core/test_core_ledger.py", *_STORE),
    )
    yield Bug(
        name="make-plans-stale-by-looking",
        file="reconciler/core/ledger.py",
        old="    unmoved_since = None if is_moved else state.decided_serial\n",
        new="    unmoved_since = None\n",
        tests=("tests/core/test_core_ledger.py", "tests/scenarios/test_drift.py"),
    )
    yield Bug(
        name="set-back-twice-in-a-day",
        file="reconciler/core/correcting.py",
        old=" and seconds_since(moment, now) < A_DAY:\n",
        new=" and seconds_since(moment, now) < 0:\n",
        tests=("tests/core/test_core_correcting.py", "tests/scenarios/test_drift_correction.py"),
    )
    yield Bug(
        name="try-what-cannot-be-read-for-ever",
        file="reconciler/core/rounds.py",
        old="    moment = None if look is None else look.tried or look.read\n",
        new="    moment = None if look is None else look.read\n",
        tests=("tests/core/test_core_rounds.py",),
    )
    yield Bug(
        name="close-the-issue-unread",
        file="reconciler/model/drift.py",
        old="        return self.coverage.is_whole and not (",
        new="        return not (",
        tests=("tests/forge/test_drift_issue.py",),
    )
    yield Bug(
        name="unlock-on-failure",
        file=session,
        old='        reason = f"state was not saved: {error.message}"\n',
        new='        self._let_go()\n        reason = f"state was not saved: {error.message}"\n',
        tests=_STORE,
    )
    yield Bug(
        name="skip-the-emergency-copy",
        file=session,
        old="            path = write_emergency(copy, self._emergency)\n",
        new='            path = Path("/nowhere")\n',
        tests=_STORE,
    )
    yield Bug(
        name="let-a-lock-expire",
        file=store,
        old="            proof = None if other is None else self._is_gone(other)\n",
        new="            proof = None if other is None else self._is_gone(other)\n"
        "            if other is not None and other.since[:13] < self._now()[:13]:\n"
        '                proof = "its time is up"\n',
        tests=(*_STORE, "tests/cli/test_state_commands.py", "tests/cli/test_exit_codes.py"),
    )
    yield Bug(
        name="take-the-lock-of-a-live-holder",
        file="reconciler/adapters/holders/proof.py",
        old='    return "that process has ended" if _has_ended(pid, running.state) else None\n',
        new='    return "that process has ended"\n',
        tests=("tests/adapters/holders", *_STORE, "tests/cli/test_exit_codes.py"),
    )
    yield Bug(
        name="take-another-machines-process-for-ours",
        file="reconciler/adapters/holders/proof.py",
        old="    if match is None or match[1] != machine() or hold.host != socket.gethostname():\n",
        new="    if match is None:\n",
        tests=("tests/adapters/holders", *_STORE),
    )
    yield Bug(
        name="unlock-whatever-the-nonce",
        file=store,
        old="        if hold.nonce != nonce:\n",
        new="        if not nonce:\n",
        tests=_STORE,
    )
    yield Bug(
        name="write-on-after-the-lock-was-taken-away",
        file=store,
        old="                if found.whole == held.data:\n",
        new="                if found.whole == held.data:\n                    return\n"
        "                if found.whole:\n",
        tests=_STORE,
    )
    yield Bug(
        name="save-over-what-somebody-else-saved",
        file=file,
        old="            if _version(self._path) != expected:\n",
        new="            if expected is not None and not self._path.exists():\n",
        tests=_STORE,
    )


BUGS: Final = (
    *_sending(),
    *_limit(),
    *_believing(),
    *_writing(),
    *_deciding(),
    *_keeping(),
    *risk(),
    *guards(),
    *fleets(),
)
