"""State, journal, lock and emergency copy as bytes: what goes in comes out, and any damage is noticed."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.store.emergency import EmergencyCopy, emergency_folders, read_emergency, write_emergency
from reconciler.adapters.store.encoding import Header, decode, encode, peek
from reconciler.adapters.store.holds import decode_hold, encode_hold
from reconciler.adapters.store.journal import (
    Heading,
    decode_journal,
    encode_entry,
    entry_line,
    fence_line,
    heading_line,
)
from reconciler.errors import StateError
from reconciler.model.hold import Hold
from reconciler.model.jsonvalue import digest
from reconciler.model.look import Look, Standing
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import (
    Begun,
    Entry,
    Intended,
    Looked,
    Pending,
    Run,
    Settled,
    State,
    UsedOverride,
    UsedPlan,
    Write,
)

ROOT = Path(__file__).parents[3]
BODY = {"custom_id": "welcome", "name": "Grüße", "is_continuous": True, "filter": None, "steps": [{"n": 0.5}]}
PAYLOAD = Payload.of(BODY)
PLAN = UsedPlan(digest="sha256:" + "0" * 64, since="2026-01-01T00:00:00Z", by="ann")
LOOK = Look(
    read=PLAN.since,
    tried=PLAN.since,
    standing=Standing.DRIFTED,
    paths=("/name",),
    drifted=PLAN.since,
    status="active",
)
FULL = State(
    lineage="5f0c",
    serial=41,
    org_id="org",
    records={"welcome": Record(id="1", applied=PAYLOAD, status="active", stored=PAYLOAD, unverified=PLAN.since)},
    pending={
        "create": Pending(payload=PAYLOAD, since=PLAN.since),
        "update": Pending(payload=PAYLOAD, since=PLAN.since, id="2"),
    },
    plans=(PLAN, replace(PLAN, by="bob")),
    overrides=(UsedOverride(guard="freeze", reason="an incident", since=PLAN.since, plan=PLAN.digest),),
    runs=(
        Run(
            plan=PLAN,
            writes={
                "created": Write(id="1"),
                "moved": Write(id="2", before=PAYLOAD, live=PAYLOAD, recorded_as="former", left=PLAN.digest),
            },
        ),
    ),
    looks={"i": LOOK},
    unmoved_since=2,
)

texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts | st.floats(-1e6, 1e6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(texts, json_values, max_size=4).map(Payload.of)
some = st.none() | texts
records = st.builds(Record, id=texts, applied=payloads, status=some, stored=st.none() | payloads, unverified=some)
plans = st.builds(UsedPlan, digest=texts, since=texts, by=texts)
overrides = st.lists(st.builds(UsedOverride, guard=texts, reason=texts, since=texts, plan=texts), max_size=2).map(tuple)
writes = st.builds(Write, id=some, before=st.none() | payloads, live=st.none() | payloads, recorded_as=some, left=some)
runs = st.builds(Run, plan=plans, writes=st.dictionaries(texts, writes, max_size=3))
looks = st.builds(
    Look,
    read=some,
    tried=some,
    standing=st.sampled_from(Standing),
    paths=st.lists(texts, max_size=2).map(tuple),
    drifted=some,
    status=some,
    corrected=st.dictionaries(texts, texts, max_size=2),
)
states = st.builds(
    State,
    lineage=texts,
    serial=st.integers(1, 2**40),
    org_id=some,
    records=st.dictionaries(texts, records, max_size=4),
    looks=st.dictionaries(texts, looks, max_size=2),
    unmoved_since=st.none() | st.integers(1, 10**6),
    pending=st.dictionaries(texts, st.builds(Pending, payload=payloads, since=texts, id=some), max_size=2),
    plans=st.lists(plans, max_size=2).map(tuple),
    overrides=overrides,
    runs=st.lists(runs, max_size=2).map(tuple),
)
entries = st.lists(
    st.builds(Intended, custom_id=texts, payload=payloads, since=texts, id=some, seen=st.none() | payloads)
    | st.builds(Settled, custom_id=texts, record=st.none() | records, recorded_as=some, org_id=some)
    | st.builds(Begun, plan=plans, overrides=overrides)
    | st.builds(Looked, looks=st.dictionaries(texts, looks, max_size=2)),
    max_size=6,
)
holds = st.builds(
    Hold, nonce=texts, purpose=texts, since=texts, who=texts, host=texts, process=some, run=some, engine=some, url=some
)


@settings(deadline=None)
@given(states)
def test_decoding_what_was_encoded_gives_the_same_state(state: State) -> None:
    data = encode(state)
    assert decode(data, where="") == state
    assert encode(decode(data, where="")) == data
    assert peek(data) == Header(lineage=state.lineage, serial=state.serial)


@settings(deadline=None)
@given(entries)
def test_decoding_a_journal_gives_what_was_appended(given_entries: list[Entry]) -> None:
    heading = Heading(lineage="l", serial=3, nonce="n")
    data = heading_line(heading) + b"".join(entry_line(entry) for entry in given_entries)
    found = decode_journal(data, where="")
    assert found is not None
    assert (found.heading, found.entries, found.is_fenced) == (heading, tuple(given_entries), False)
    fenced = decode_journal(data + fence_line(), where="")
    assert fenced is not None
    assert (fenced.entries, fenced.is_fenced) == (tuple(given_entries), True)


@given(holds)
def test_decoding_a_lock_gives_the_hold(hold: Hold) -> None:
    assert decode_hold(encode_hold(hold), where="") == hold


def test_a_lock_of_an_older_version_is_read_and_one_in_no_engine_is_written_as_before() -> None:
    data = b'{"format_version":"1.0","host":"h","nonce":"n","purpose":"apply","since":"T","who":"ann"}\n'
    assert encode_hold(decode_hold(data, where="")) == data


def test_the_document_has_its_keys_in_order_and_leaves_out_what_is_not_there() -> None:
    document = json.loads(encode(FULL))
    assert list(document) == [
        "format_version", "lineage", "serial", "org_id", "records", "pending", "plans", "overrides", "runs",
        "looks", "unmoved_since", "checksum",
    ]  # fmt: skip
    assert document["looks"]["i"].keys() == {"read", "tried", "standing", "paths", "drifted", "status"}
    assert document["pending"]["create"].keys() == {"payload", "since"}
    assert document["pending"]["update"]["id"] == "2"
    assert document["plans"][0] == {"digest": PLAN.digest, "since": PLAN.since, "by": "ann"}
    assert document["overrides"][0].keys() == {"guard", "reason", "since", "plan"}
    assert list(document["runs"][0]["writes"]["created"]) == ["id"]
    assert document["runs"][0]["writes"]["moved"].keys() == {"id", "before", "live", "recorded_as", "left"}
    bare = replace(FULL, pending={}, plans=(), overrides=(), runs=(), looks={}, unmoved_since=None)
    assert json.loads(encode(bare)).keys() == {"format_version", "lineage", "serial", "org_id", "records", "checksum"}


@pytest.mark.parametrize("state", [FULL, State(lineage="l", serial=1)], ids=["full", "bare"])
def test_the_document_is_what_its_closed_schema_says(state: State) -> None:
    schema = json.loads((ROOT / "schemas" / "state.schema.json").read_bytes())
    document = json.loads(encode(state))
    jsonschema.Draft202012Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**document, "more": 1})


def test_a_document_from_before_pending_had_ids_and_plans_were_kept_still_loads() -> None:
    body = (
        b'{"format_version":"1.0",\n"lineage":"l",\n"serial":2,\n"org_id":null,\n"records":{},\n'
        b'"pending":{\n"a":{"payload":{"x":1},"since":"T"}\n}'
    )
    data = body + b',\n"checksum":"' + digest(body).encode() + b'"}\n'
    state = decode(data, where="")
    assert state == State(lineage="l", serial=2, pending={"a": Pending(payload=Payload(b'{"x":1}'), since="T")})
    assert encode(state) == data


def test_a_journal_from_before_headings_had_a_nonce_still_loads() -> None:
    line = heading_line(Heading(lineage="l", serial=1, nonce="")).partition(b" ")[2].replace(b',"nonce":""', b"")
    check = digest(line.rstrip(b"\n"))[len("sha256:") :][:16].encode()
    found = decode_journal(check + b" " + line, where="")
    assert found is not None
    assert found.heading == Heading(lineage="l", serial=1)


def test_every_flipped_byte_and_every_prefix_of_a_state_is_noticed() -> None:
    data = encode(FULL)
    for position in range(len(data)):
        for damaged in (data[:position], data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]):
            with pytest.raises(StateError):
                decode(damaged, where="state")


def test_every_flipped_byte_of_a_journal_is_noticed_and_every_prefix_is_what_was_finished() -> None:
    lines = [heading_line(Heading(lineage="l", serial=3, nonce="n"))]
    written: list[Entry] = [
        Begun(plan=PLAN),
        Intended(custom_id="a", payload=PAYLOAD, since="T"),
        Settled(custom_id="a", record=FULL.records["welcome"]),
    ]
    lines += [entry_line(entry) for entry in written]
    data = b"".join(lines)
    for position in range(len(data)):
        prefix = decode_journal(data[:position], where="state")
        finished = data[:position].count(b"\n")
        assert (None if prefix is None else prefix.entries) == (tuple(written[: finished - 1]) if finished else None)
        flipped = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        if position == len(data) - 1:
            torn = decode_journal(flipped, where="state")
            assert torn is not None
            assert torn.entries == tuple(written[:-1])
            continue
        with pytest.raises(StateError, match="journal of state is damaged"):
            decode_journal(flipped, where="state")


COPY = EmergencyCopy(
    lineage="l",
    serial=3,
    where="state.json",
    entries=(Begun(plan=PLAN), Intended(custom_id="a", payload=PAYLOAD, since="T", id="1")),
)


def test_an_emergency_copy_comes_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = write_emergency(COPY, [tmp_path / "made"])
    assert read_emergency(path) == COPY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert write_emergency(COPY, [tmp_path / "made"]) != path
    assert [json.loads(line) for line in path.read_bytes().splitlines()]


def test_an_emergency_copy_goes_where_it_can(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = write_emergency(COPY, [tmp_path / "file" / "below", tmp_path])
    assert path.parent == tmp_path
    with pytest.raises(StateError, match="cannot write an emergency copy in"):
        write_emergency(COPY, [tmp_path / "file"])


def test_the_operators_folder_comes_before_the_cis_and_that_before_the_systems(tmp_path: Path) -> None:
    given_folders = emergency_folders(tmp_path, {"RUNNER_TEMP": "/runner"})
    assert given_folders[:2] == (tmp_path, Path("/runner"))
    assert len(given_folders) == 3
    assert emergency_folders(None, {}) == given_folders[2:]


def test_a_damaged_emergency_copy_is_refused(tmp_path: Path) -> None:
    path = write_emergency(COPY, [tmp_path])
    data = path.read_bytes()
    for position in {*range(0, len(data), 7), *range(len(data) - 3, len(data))}:
        for damaged in (data[:position], data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises(StateError, match="not a whole emergency copy"):
                read_emergency(path)
    path.write_bytes(encode_entry(COPY.entries[0]))
    with pytest.raises(StateError):
        read_emergency(path)
    with pytest.raises(StateError, match="No such file"):
        read_emergency(tmp_path / "none")
