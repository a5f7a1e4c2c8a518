r"""The matrix of bad input, row by row: what a whole manifest with it comes to, and where that is tested in depth.

Y rows are hazards of YAML, I rows files and identifiers, J rows traps of the schema. A row ends in the rules that it is
refused or warned by; none means that it is read as it should be.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.manifests.discovery import MAX_FILES
from reconciler.adapters.manifests.files import MAX_BODY, MAX_MANIFEST
from reconciler.adapters.manifests.load import Loaded, load
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.core.audience import check_audience

CHECK = ManifestChecker(schemas_folder() / SEQUENCE_SCHEMA).check
GOOD = """custom_id: a
name: A
filter: {or: [{and: [{type: contact_belongs_to_segment, segment_id: vip}]}]}
steps:
  - action: {type: send_sms_messages, data: {message: Hello}}
    delay_in_minutes: 0
"""


def named(name: str) -> str:
    return GOOD.replace("name: A", f"name: {name}")


def delayed(delay: str) -> str:
    return GOOD.replace("minutes: 0", f"minutes: {delay}")


def sent(message: str) -> str:
    return GOOD.replace("message: Hello", f"message: {message}")


def identified(custom_id: str) -> str:
    return GOOD.replace("custom_id: a", f"custom_id: {custom_id}")


def selected(condition: str) -> str:
    return GOOD.replace("{type: contact_belongs_to_segment, segment_id: vip}", condition)


def between(after: str, before: str) -> str:
    return selected(f"{{type: contacts_created_at_between, after: {after}, before: {before}}}")


BOMB = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 10))
ROWS: list[tuple[str, str | bytes, list[str]]] = [
    ("Y1 a key twice", GOOD + "name: B\n", ["OCX021"]),
    ("Y1 keys equal in NFC", GOOD + "caf\u00e9: 1\ncafe\u0301: 2\n", ["OCX021", "OCX101"]),
    ("Y1 a number and the same as text", GOOD + "1: a\n'1': b\n", ["OCX021", "OCX022"]),
    ("Y2 an alias within bounds", GOOD.replace("name: A", "name: &n A").replace("Hello", "*n"), []),
    ("Y2 a merge key", GOOD.replace("delay_in_minutes: 0", "<<: {delay_in_minutes: 0}"), ["OCX020"]),
    ("Y2 an alias bomb", GOOD + "b0: &b0 [x, x]\n" + BOMB, ["OCX019"]),
    ("Y3 an alias of what it stands in", GOOD + "x: &x [*x]\n", ["OCX018"]),
    *((f"Y4 the word {word}", named(word), ["OCX030"]) for word in ("no", "on", "off", "yes", "NO", "y", "n")),
    ("Y4 a disputed word as a key", GOOD + "on: 1\n", ["OCX030"]),
    *((f"Y5 {each}", delayed(each), ["OCX031"]) for each in ("010", "0x1F", "0b11", "1_000", "12:30:45", "0o10")),
    *((f"Y6 {each}", named(each), ["OCX031"]) for each in ("+15550100", "0123456701")),
    *((f"Y7 {each}", delayed(each), ["OCX031"]) for each in ("1e3", ".5", "1.")),
    ("Y7 a number as JSON writes it", delayed("1.0e+3"), []),
    *((f"Y8 {each}", between(each, '"2027-01-01T00:00:00Z"'), ["OCX034"]) for each in ("2024-01-02", "2024-02-31")),
    ("Y8 a quoted date", between('"2024-01-02"', '"2027-01-01T00:00:00Z"'), ["OCX107"]),
    ("Y8 an offset that is none", between('"2024-01-02T00:00:00+99:99"', '"2027-01-01T00:00:00Z"'), ["OCX107"]),
    *((f"Y9 {each}", delayed(each), ["OCX033"]) for each in (".nan", ".inf", "-.inf")),
    *((f"Y10 {len(each)} digits", delayed(each), ["OCX032"]) for each in ("9007199254740992", "9" * 5000)),
    ("Y10 a megabyte of hexadecimal digits", delayed("0x" + "f" * 1_000_000), ["OCX031"]),
    ("Y11 half a character", named('"\\ud800"'), ["OCX038"]),
    ("Y11 an escaped pair", sent('"\\ud83d\\ude00"'), []),
    *((f"Y12 {each}", named(f'"a{each}"'), ["OCX036"]) for each in ("\\0", "\\e", "\\x9b")),
    ("Y12 a raw ESC", named("a\x1b"), ["OCX036"]),
    ("Y12 a byte order mark inside", named("a\ufeff"), ["OCX036"]),
    ("Y12 reversed writing in a name", named("a\u202eb"), ["OCX039"]),
    ("Y12 reversed writing in a body", sent("a\u202eb"), ["OCX023"]),
    ("Y12 zero width in a name", named("a\u200bb"), ["OCX023"]),
    ("Y13 a tab as indentation", GOOD.replace("    delay", "\tdelay"), ["OCX010"]),
    ("Y13 CR LF", GOOD.replace("\n", "\r\n"), []),
    *((f"Y13 {ord(each):X}", named(f"a{each}b"), ["OCX037"]) for each in "\x85\u2028\u2029"),
    ("Y14 a byte order mark first", "\ufeff" + GOOD, []),
    ("Y14 UTF-16", GOOD.encode("utf-16"), ["OCX004"]),
    ("Y14 Latin-1", named("Caf\u00e9").encode("latin-1"), ["OCX004"]),
    ("Y15 a hundred levels", GOOD + "x: " + "[" * 100 + "]" * 100, ["OCX016"]),
    ("Y15 a hundred thousand levels", GOOD + "x: " + "[" * 100_000, ["OCX016"]),
    ("Y15 more than a hundred thousand parts", GOOD + "x: [" + "1," * 100_000 + "]", ["OCX017"]),
    ("Y16 more than a mebibyte", GOOD + "#" * MAX_MANIFEST, ["OCX003"]),
    ("Y17 an empty file", "", ["OCX011"]),
    ("Y17 only comments", "# a\n", ["OCX011"]),
    ("Y17 a list", "- a\n", ["OCX012"]),
    ("Y17 a text", "a\n", ["OCX012"]),
    ("Y17 two documents", GOOD + "---\n" + GOOD, ["OCX013"]),
    *(
        (f"Y18 {tag}", named(f"{tag} a"), ["OCX015"])
        for tag in ("!!python/name:os.system", "!foo", "!!binary", "!!int", "!!bool", "!!timestamp")
    ),
    *((f"Y18 {tag}", named(f"{tag} {{a}}"), ["OCX015"]) for tag in ("!!set", "!!omap")),
    ("Y18 =", named("="), ["OCX035"]),
    *((f"Y19 {key} as a key", GOOD + f"{key}: 1\n", ["OCX022"]) for key in ("~", "1")),
    ("Y19 not-a-number as a key", GOOD + ".nan: 1\n", ["OCX033"]),
    ("Y19 a date as a key", GOOD + "2024-01-02: 1\n", ["OCX034"]),
    ("Y19 a list as a key", GOOD + "[a]: 1\n", ["OCX022"]),
    *(
        (f"I2 {path}", sent(f'{{$file: "{path}"}}'), rules)
        for path, rules in (
            ("../../etc/passwd", ["OCX041"]),
            ("~/x", ["OCX041"]),
            ("/etc/passwd", ["OCX107"]),
            ("file:x", ["OCX107"]),
            (r"\\\\host\\x", ["OCX107"]),
        )
    ),
    ("I2 too large a file", sent("{$file: large.txt}"), ["OCX042"]),
    ("I2 a file that is not UTF-8", sent("{$file: latin.txt}"), ["OCX042"]),
    *(
        (f"I5 {each}", identified(each), ["OCX105"])
        for each in ('"a/b"', '"a?b"', '"a#b"', '"a%b"', '".."', '"a\\\\b"', '"a;b"', '"a:b"', '"a b"', '"."', '"a\\n"')
    ),
    *((f"I5 {len(each)} characters", identified(each), ["OCX105"]) for each in ('""', "a" * 51, "\u00e4")),
    ("I11 letters in pieces", named("Cafe\u0301"), ["OCX023"]),
    ("I11 white space at the end", named('"A "'), ["OCX023"]),
    ("I11 a line break at the end", GOOD.replace("name: A", "name: |\n  A"), ["OCX023"]),
    ("I11 an escaped CR LF", named('"a\\r\\nb"'), ["OCX036"]),
    ("J2 no date-time", between('"banana"', '"2027-01-01T00:00:00Z"'), ["OCX107"]),
    ("J2 a date-time and a line break", between('"2024-01-02T00:00:00Z\\n"', '"2027-01-01T00:00:00Z"'), ["OCX107"]),
    ("J2 small letters", between('"2024-01-02t00:00:00z"', '"2027-01-01T00:00:00Z"'), []),
    ("J3 a line break at the end of an id", identified('"a\\n"'), ["OCX105"]),
    ("J3 digits of another script", identified("a\u0663"), ["OCX105"]),
    ("J4 a key of another branch", selected("{type: contact_belongs_to_segment, segment: vip}"), ["OCX101"]),
    ("J5 an unknown key at the root", GOOD + "stepz: []\n", ["OCX101"]),
    ("J5 an unknown key in a step", GOOD + "    delay: 5\n", ["OCX101"]),
    ("J5 an unknown key in an action's data", sent("Hello, mesage: b"), ["OCX101"]),
    ("J6 nothing", "{}\n", ["OCX102"]),
    ("J6 an empty message", sent('""'), ["OCX106"]),
]


def loaded(root: Path) -> Loaded:
    return load(root, "sequences", variables={}, check=CHECK, inspect=check_audience)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "large.txt").write_bytes(b"x" * (MAX_BODY + 1))
    (tmp_path / "sequences" / "latin.txt").write_bytes(b"caf\xe9")
    return tmp_path


@pytest.mark.parametrize(("text", "rules"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_bad_input_ends_as_its_row_says(root: Path, text: str | bytes, rules: list[str]) -> None:
    (root / "sequences" / "a.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = loaded(root)
    assert sorted(each.rule for each in result.diagnostics) == rules
    assert bool(result.desired) is (rules in ([], ["OCX023"]))


def _link(folder: Path) -> None:
    (folder / "b.yaml").symlink_to("/etc/passwd")


def _loop(folder: Path) -> None:
    (folder / "b.yaml").symlink_to(folder / "b.yaml")


def _written(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(identified("b"), encoding="utf-8")

    return write


def _two(first: str, second: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "b.yaml").write_text(identified(first), encoding="utf-8")
        (folder / "c.yaml").write_text(identified(second), encoding="utf-8")

    return write


FILES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "I1 a link out of the tree": (_link, ["OCX002"]),
    "I1 a link to itself": (_loop, ["OCX002"]),
    "I1 a pipe": (lambda folder: os.mkfifo(folder / "b.yaml"), ["OCX002"]),
    "I1 a folder": (lambda folder: (folder / "b.yaml").mkdir(), ["OCX002"]),
    "I3 names equal but for case": (
        lambda folder: (folder / "A.yaml").write_text(identified("b")) and None,
        ["OCX006"],
    ),
    "I3 a line break in a name": (lambda folder: (folder / "b\n::x.yaml").write_text(GOOD) and None, ["OCX007"]),
    "I4 an id twice": (_two("b", "b"), ["OCX053"]),
    "I4 ids equal but for case": (_two("bee", "Bee"), ["OCX054"]),
}


@pytest.mark.parametrize(("make", "rules"), FILES.values(), ids=FILES)
def test_bad_files_end_as_their_row_says(root: Path, make: Callable[[Path], None], rules: list[str]) -> None:
    (root / "sequences" / "a.yaml").write_text(GOOD, encoding="utf-8")
    make(root / "sequences")
    assert [each.rule for each in loaded(root).diagnostics] == rules


def test_y16_the_bound_of_all_files_is_twenty_thousand() -> None:
    # That one more is refused is tested in test_manifests_discovery. 16 MiB in all, as the table has it, would not
    # hold ten thousand manifests of 3 KB.
    assert MAX_FILES == 20_000


# Rows that are tested where they belong: I6 in tests/adapters/api, I7 in tests/model/test_model_jsonvalue.py, I8 to I10
# in tests/core/test_core_meaning.py and test_core_field_table.py, J1 in test_derived_schemas.py, J2, J3 and J7 in depth
# in test_screen_and_reference.py, J4 in test_finding_words.py.
ELSEWHERE = {"I6", "I7", "I8", "I9", "I10", "J1", "J7"}


def test_no_row_is_left_out() -> None:
    rows = {name.split()[0] for name in (*(row[0] for row in ROWS), *FILES)}
    every = {f"Y{n}" for n in range(1, 20)} | {f"I{n}" for n in range(1, 12)} | {f"J{n}" for n in range(1, 8)}
    assert every - rows == ELSEWHERE
