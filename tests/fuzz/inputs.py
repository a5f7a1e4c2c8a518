"""Inputs for `validate`: manifests that people might commit, mutated until nobody would.

Everything is drawn from one random source, so that a seed and a number name an input.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LARGEST: Final = 2**20 + 200

# What YAML readers, terminals, templates and people trip over.
_HAZARDS: Final = (
    *(b"&a ", b"*a", b"<<: *a\n", b"!!python/name:os.system ", b"!t ", b"%YAML 1.1\n---\n", b"---\n", b"...\n"),
    *(b"no", b"on: ", b"010", b"0x1F", b"1_000", b"12:30:45", b"+15550100", b"1e3", b".5", b"1.", b".nan", b"-.inf"),
    *(b"2026-01-02", b"=", b"~", b"null", b"9" * 40, b"9" * 5000, b"0x" + b"f" * 3000, b"1" * 30 + b"." + b"1" * 30),
    *(b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\0"', b'"\\e[31m"', b'"\\u202e"', b"\xe2\x80\xae", b"\xe2\x81\xa6"),
    *(b"\x00", b"\x1b[2J", b"\x07", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3"),
    *(b"\xed\xa0\x80", b"\t", b"\r", b"\r\n", b"\n\n", b"  ", b"- ", b"? ", b": ", b"[", b"]", b"{", b"}", b","),
    *(b"|\n", b">-\n", b"'", b'"', b"#", b" #", b"{$file: ../../etc/passwd}", b"{$file: fuzzed.yaml}"),
    *(b"{$file: /dev/zero}", b"{$file: [a]}", b"{$file: text.txt}", b"{$var: nobody}", b"{$sequence: fuzzed}"),
    *(b"{$sequence: nobody}", b"{$var: a, $file: b}", b"$file: x\n", b"e\xcc\x81", b"\xc3\xa9", b"\xf0\x9f\x98\x80"),
    *(b"\xe2\x80\x8b", b"\xc2\xa0", b"type: nope\n", b"custom_id: [\n", b"null: 1\n", b"::error file=a::b"),
    *(b"##[error]", b"\\u", b"<script>", b"{{", b"%s", b"${HOME}"),
)
# What grows: by depth, by width, or by what an alias stands for.
_BOMBS: Final = (
    *(b"[", b"{", b"{a: ", b"- ", b"[[", b"? ", b"- - ", b"a:\n ", b'"', b"'", b"x", b"\xc3\xa9", b" ", b"\n", b"#"),
    *(b"a: &a [*a]\n", b"*a ", b"&a ", b"- *a\n", b"[*a, *a], ", b"!!str ", b"\\ud83d", b"\\", b"|\n ", b"a b: "),
    *(b"x: 1\n", b"- {type: nope}\n", b"- a: 1\n", b"'', ", b"{}, ", b"<b>", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\r"),
    *(b"0", b"{$file: a}, ", b"&amp;", b"=\n", b"<a href=x>", b"{{a}}", b"https://a.example/ ", b"a@b.example "),
)
# Entries of a list that YAML can read, and that the schema, a rule or a message has to cope with.
_ENTRIES: Final = (
    *(b"{}", b"[]", b"''", b"1", b"no", b"~", b"{type: nope}", b"{type: all_contacts}", b"{a: 1}", b"{a: 1, a: 2}"),
    *(b"{and: []}", b"{$var: nobody}", b"{$sequence: nobody}", b"{$file: nowhere.txt}", b"{$file: text.txt}", b'"\\0"'),
    *(b"{action: {type: send_emails, data: {email_body: x}}, delay_in_minutes: -1}", b'"\\ud83d\\ude00"', b"+1"),
)


def seeds() -> list[bytes]:
    """Return what is mutated: the examples, the corpus of wrong manifests, and a few that are nearly nothing."""
    folders = (ROOT / "sequences", ROOT / "tests" / "corpus")
    found = [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.y*ml")) if path.is_file()]
    return [*found, b"", b"a: 1\n", b"- a\n", b'{"custom_id": "a", "name": "b", "filter": null, "steps": []}\n']


def wide() -> Iterator[bytes]:
    """Yield a megabyte, or nearly, of what once took long: each is legal YAML, and much of the same."""
    head = b"custom_id: a\nname: b\nfilter: null\n"
    condition = b"{type: contacts_affected_by_sequence, sequence_id: {$sequence: n%d}}, "
    step = b"{action: {type: send_sms_messages, data: {message: {$file: text.txt}}}, delay_in_minutes: 0}, "
    yield head + b"".join(b"key%d: 1\n" % number for number in range(30_000))
    for entry in _ENTRIES:
        yield head + b"steps: [" + (entry + b", ") * min(20_000, 900_000 // len(entry)) + b"]\n"
    yield head + b"steps: [" + b"".join(b"{$file: nowhere%d.txt}, " % number for number in range(20_000)) + b"]\n"
    yield head + b"steps: [" + step * 7000 + b"]\nreconciler: {audience: everyone}\n"
    many = b"".join(condition % number for number in range(9000))
    for wrong in (b"", b"{type: nope}, "):
        yield head.replace(b"null", b"{or: [{and: [" + wrong + many + b"]}]}") + b"steps: [" + step + b"]\n"
        yield head.replace(b"null", b"{or: [{and: [" + wrong + b"{type: all_contacts}, " * 20_000 + b"]}]}")
    yield from _warned_of(head)
    # Not YAML: what is shown of the line stands in no value, and is searched for keys.
    yield head.replace(b"null", b"\n  or:\n    - and:\n        - type: x\n  " + b"0" * 300_000)
    yield head + b'x:\n  - "\\ud83d\\ude00"\n' + b"  - a\n" * 90_000
    yield head + b"x: &a [" + b"{type: nope}, " * 300 + b"]\nsteps: [" + b"*a, " * 100 + b"]\n"


def _warned_of(head: bytes) -> Iterator[bytes]:
    """Yield what is valid, and has a warning for nearly every entry."""
    step = b"- {action: {type: send_sms_messages, data: {message: %s}}, delay_in_minutes: 0}\n"
    mail = (
        b"- action:\n    type: send_emails\n    data: {from_email: a@b.example, email_subject: 'x ', email_body: '%s', "
        b"email_sender_name: Joe, email_is_transactional: false}\n  delay_in_minutes: 0\n"
    )
    html = b'<b><i>{{a</i><img src="http://a.example/%d"><a href="http://localhost/">'
    everyone = head + b"reconciler: {audience: everyone}\nsteps:\n"
    some = head.replace(b"null", b"{or: [{and: [{%s}]}]}") + b"steps:\n" + step % b"x"
    yield everyone + b"".join(step % (b"'http://localhost/%d {{a} '" % number) for number in range(5500))
    yield everyone + b"".join(step % (b"a #%d\n" % number) for number in range(5500))
    yield everyone + b"".join(mail % (html % number) for number in range(3000))
    yield everyone + mail % (html % 0) * 3000
    yield everyone + mail % b"".join(html % number for number in range(12_000))
    for words in (b"<b>{{x}", b"</p></i>", b"{{a}} %}", b"{{" * 20 + b"}} %} " * 20):
        yield everyone + mail % (words * (800_000 // len(words)))
    yield some % (b"type: contacts_email_in, email_in: [" + b"a@b.example, " * 60_000 + b"]")
    entries = b"".join(b"k%d: '*', " % number for number in range(40_000))
    yield some % (b"type: contacts_attributes_in, attributes: [{" + entries + b"}]")


class Mutator:
    """Draws inputs from seeds; the same random source draws the same ones."""

    def __init__(self, chance: random.Random, begin_with: list[bytes]) -> None:
        self._chance = chance
        self._seeds = begin_with
        self._changes: tuple[Callable[[bytes], bytes], ...] = (
            *(
                self._insert,
                self._insert,
                self._replace_value,
                self._replace_value,
                self._flip,
                self._cut,
                self._repeat,
            ),
            *(self._splice, self._move_line, self._indent, self._truncate, self._explode, self._recode),
            *(self._widen, self._add_keys),
        )

    def draw(self) -> bytes:
        """Return the next input."""
        data = self._chance.choice(self._seeds)
        if self._chance.random() < 0.02:
            data = self._chance.randbytes(self._chance.randint(0, 300))
        for _ in range(self._chance.choice((1, 1, 1, 2, 3, 5))):
            data = self._chance.choice(self._changes)(data)
        return data[:LARGEST]

    def _at(self, data: bytes) -> int:
        return self._chance.randint(0, len(data))

    def _insert(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._chance.choice(_HAZARDS) + data[at:]

    def _replace_value(self, data: bytes) -> bytes:
        lines = data.split(b"\n")
        at = self._chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(b": ")
        lines[at] = key + colon + self._chance.choice(_HAZARDS)
        return b"\n".join(lines)

    def _flip(self, data: bytes) -> bytes:
        flipped = bytearray(data)
        for _ in range(self._chance.randint(1, 4)):
            if flipped:
                flipped[self._chance.randrange(len(flipped))] = self._chance.randrange(256)
        return bytes(flipped)

    def _cut(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + data[at + self._chance.randint(1, 40) :]

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._at(data)]

    def _repeat(self, data: bytes) -> bytes:
        at, length = self._at(data), self._chance.randint(1, 60)
        return data[:at] + data[at : at + length] * self._chance.choice((2, 3, 50, 2000)) + data[at:]

    def _splice(self, data: bytes) -> bytes:
        other = self._chance.choice(self._seeds)
        return data[: self._at(data)] + other[self._at(other) :]

    def _move_line(self, data: bytes) -> bytes:
        lines = data.split(b"\n")
        line = lines[self._chance.randrange(len(lines))]
        lines.insert(self._chance.randrange(len(lines) + 1), line)
        return b"\n".join(lines)

    def _indent(self, data: bytes) -> bytes:
        lines = data.split(b"\n")
        at = self._chance.randrange(len(lines))
        lines[at] = (
            self._chance.choice((b" ", b"  ", b"\t", b"- ")) + lines[at]
            if self._chance.random() < 0.5
            else lines[at][1:]
        )
        return b"\n".join(lines)

    def _explode(self, data: bytes) -> bytes:
        at, bomb = self._at(data), self._chance.choice(_BOMBS)
        size = self._chance.choice((70, 1000, 20_000, 100_000, LARGEST))
        return data[:at] + bomb * min(size, LARGEST // len(bomb)) + data[at:]

    def _widen(self, data: bytes) -> bytes:
        """Put a list of very many entries in the place of a value."""
        lines = data.split(b"\n")
        at = self._chance.choice([number for number, line in enumerate(lines) if b":" in line] or [0])
        entry, size = self._chance.choice(_ENTRIES), self._chance.choice((5, 200, 5000, 40_000, LARGEST))
        wide = b"[" + (entry + b", ") * min(size, (LARGEST - len(data)) // (len(entry) + 2)) + b"]"
        lines[at] = lines[at].partition(b":")[0] + b": " + wide
        return b"\n".join(lines)

    def _add_keys(self, data: bytes) -> bytes:
        count = self._chance.choice((10, 1000, 30_000))
        return data + b"".join(b"key%d: %d\n" % (number, number) for number in range(count))

    def _recode(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "replace")
        return text.encode(self._chance.choice(("utf-16", "latin-1", "utf-8-sig", "utf-32-be", "cp1252")), "replace")
