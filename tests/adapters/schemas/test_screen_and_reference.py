"""The screen and the reference agree, retrieve nothing, and are imported only when they are needed."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reconciler.adapters.schemas import overlay
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.adapters.schemas.formats import FORMATS, is_date_time, is_uuid
from reconciler.adapters.schemas.judge import Judge
from reconciler.adapters.schemas.schema import DIALECT
from reconciler.errors import ConfigurationError
from reconciler.model.jsonvalue import Json
from tests.adapters.schemas.schema_samples import (
    CHECKER,
    FILTERS,
    REQUESTS,
    SCHEMAS,
    UUID,
    filter_of,
    manifest,
    mutants,
    step_of,
)
from tests.editors.install import NODE

JUDGES = {"manifest": CHECKER._judge, "request": REQUESTS._judge}
# Small documents, so that the slow reference can judge many: a filter with one condition, a list of one small step.
PARTS: dict[str, list[Json]] = {
    "filter": [{"or": [{"and": [filter_of(kind)]}]} for kind in FILTERS],
    "steps": [[step_of(kind)] for kind in ("send_emails", "make_phone_calls", "send_sms_messages")],
}


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_screen_and_reference_agree_on_random_mutants_of_whole_documents(judge: Judge) -> None:
    assert 100 < _agreed(judge, mutants(seed=5, count=1200)) < 1100


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_screen_and_reference_agree_on_twenty_thousand_random_mutants_of_parts(judge: Judge, part: str) -> None:
    schema = {"$schema": DIALECT, "$defs": judge.schema["$defs"], **judge.schema["properties"][part]}
    assert 500 < _agreed(Judge(schema), mutants(seed=6, count=5000, samples=PARTS[part])) < 4500


def _agreed(judge: Judge, documents: Iterator[Json]) -> int:
    """Return how many of the documents are valid, after seeing that the two agree on each."""
    valid = 0
    for document in documents:
        screened = judge.passes(document)
        assert screened is judge._reference.is_valid(document), json.dumps(document)
        valid += screened
    return valid


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_what_is_invalid_has_a_mistake_and_what_is_valid_has_none(judge: Judge) -> None:
    for document in mutants(seed=7, count=300):
        assert judge.passes(document) is not bool(judge.mistakes(document)), json.dumps(document)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\U0001f600", "a" * 100_000])
def test_screen_and_reference_agree_on_strange_strings(text: str) -> None:
    for path in ("name", "custom_id"):
        document = {**manifest(), path: text}
        assert (CHECKER.check(document) == ()) is (CHECKER._judge.mistakes(document) == [])


def test_what_the_screen_cannot_take_in_is_judged_by_the_reference() -> None:
    deep: dict[str, Json] = {}
    for _ in range(2000):
        deep = {"a": deep}
    (finding,) = CHECKER.check({**manifest(), "name": deep})
    assert finding.message == "unknown key `a` in `name`"


PATTERN_CASES = [
    "a",
    "a\n",
    "a-b",
    "-a",
    "a-",
    "a" * 50,
    "a" * 51,
    "",
    "\u00e4",
    "\u0663",
    "a b",
    "../x.html",
    "a/b",
    "/x",
]
PATTERN_CASES += [
    "C:\\x",
    "a\\b",
    "x\x00",
    "x\x7f",
    "\n",
    "/",
    "//",
    "/a~0",
    "/a~",
    "/a\n",
    "_x",
    "9x",
    "x\r",
    "x\u2028",
]
PATTERN_CASES += ["\U0001f600", UUID, UUID + "\n"]
PATTERNS = {
    name: getattr(overlay, name) for name in ("CUSTOM_ID", "UUID_SHAPE", "VARIABLE_NAME", "RELATIVE_FILE", "POINTER")
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_means_the_same_to_screen_and_reference(pattern: str) -> None:
    judge = Judge({"type": "string", "pattern": pattern})
    for case in PATTERN_CASES:
        assert judge.passes(case) is (judge.mistakes(case) == []), case


def test_a_pattern_means_the_same_to_an_editor() -> None:
    program = (
        "const {patterns, cases} = JSON.parse(require('fs').readFileSync(0));"
        "console.log(JSON.stringify(patterns.map(p => cases.map(c => new RegExp(p, 'u').test(c)))))"
    )
    given = json.dumps({"patterns": list(PATTERNS.values()), "cases": PATTERN_CASES})
    ran = subprocess.run([NODE, "-e", program], input=given, capture_output=True, text=True, check=True)
    for pattern, verdicts in zip(PATTERNS.values(), json.loads(ran.stdout), strict=True):
        judge = Judge({"type": "string", "pattern": pattern})
        assert [judge.mistakes(case) == [] for case in PATTERN_CASES] == verdicts


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01t00:00:00z",
        "2024-02-29T23:59:59.123456789+14:00",
        "0001-01-01T00:00:00-00:00",
    ],
)
def test_a_date_time_of_rfc_3339_is_accepted_by_both(value: str) -> None:
    assert is_date_time(value)
    judge = Judge({"format": "date-time"})
    assert judge.passes(value)
    assert judge.mistakes(value) == []


NO_DATE_TIMES = ["banana", "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00Z\n"]
NO_DATE_TIMES += ["2026-1-1T0:0:0Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"]
NO_DATE_TIMES += ["2026-01-01T00:60:00Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100"]
NO_DATE_TIMES += ["2026-01-01T00:00:00.Z", "\u0662026-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z"]


@pytest.mark.parametrize("value", NO_DATE_TIMES)
def test_anything_else_is_refused_by_both(value: str) -> None:
    assert not is_date_time(value)
    judge = Judge({"format": "date-time"})
    assert not judge.passes(value)
    assert [mistake.keyword for mistake in judge.mistakes(value)] == ["format"]


def test_a_uuid_is_written_with_dashes_and_nothing_after_it() -> None:
    assert is_uuid(UUID)
    for wrong in (UUID + "\n", UUID.replace("-", ""), "{" + UUID + "}", UUID[:-1], ""):
        assert not is_uuid(wrong)
        assert not Judge({"format": "uuid"}).passes(wrong)


def test_formats_judge_only_strings() -> None:
    for name, check in FORMATS.items():
        assert check(5)
        assert Judge({"format": name}).passes(5)
        assert Judge({"format": name}).mistakes(5) == []


def test_a_format_that_nothing_checks_is_refused_and_not_passed_over() -> None:
    with pytest.raises(ConfigurationError, match="ipv4"):
        Judge({"properties": {"from": {"format": "ipv4"}}})


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    paths: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/schema.json", paths
        server.shutdown()
        thread.join()


def test_a_reference_to_the_network_is_never_followed(asked: tuple[str, list[str]]) -> None:
    url, paths = asked
    judge = Judge({"properties": {"a": {"$ref": url}}})
    with pytest.raises(Exception, match=r"schema\.json"):
        judge.passes({"a": 1})
    with pytest.raises(Exception, match=r"schema\.json"):
        judge.mistakes({"a": 1})
    assert paths == []


def test_a_schema_file_that_cannot_be_read_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.json") as caught:
        ManifestChecker(tmp_path / "nowhere.json")
    assert caught.value.hint == "run `reconciler schema build`"


def loaded_after(code: str) -> set[str]:
    program = f"""
import sys
from pathlib import Path
from reconciler.adapters.schemas.checker import ManifestChecker
checker = ManifestChecker(Path({str(SCHEMAS / "sequence.schema.json")!r}))
{code}
print(" ".join(name for name in ("yaml", "jsonschema", "jsonschema_rs", "difflib") if name in sys.modules))
"""
    return set(subprocess.check_output([sys.executable, "-c", program], text=True).split())


def test_the_validators_are_imported_only_when_they_are_needed() -> None:
    assert loaded_after("") == set()
    assert loaded_after(f"assert checker.check({manifest()!r}) == ()") == {"jsonschema_rs"}
    assert loaded_after("assert checker.check({})") == {"jsonschema_rs", "jsonschema"}
