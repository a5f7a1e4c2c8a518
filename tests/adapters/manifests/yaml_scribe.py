"""Random manifests as careless people write them: odd indentation, comments anywhere, every style, any order."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

WORDS = (
    "alpha",
    "b-2",
    "é ü",
    "with # sign",
    "it's",
    'say "hi"',
    "back\\slash",
    "ends:",
    "a: b",
    "12",
    "日本",
    "x, y",
    "[z]",
)
LINES = ("text", "  deeper", "", "# no comment", "trailing  ", "- dash", "key: value", "\ttab", "   ", "é")
COMMENTED = st.sampled_from((False, False, False, True))


@dataclass
class Scribe:
    """Writes one file line by line. `owners` maps each comment above a key to that key."""

    draw: DrawFn
    lines: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    names: int = 0

    def pick(self, *choices: object) -> object:
        return self.draw(st.sampled_from(choices))

    def comment(self) -> str:
        self.comments.append(f"# c{len(self.comments)} it's: \"")
        return self.comments[-1]

    def trailing(self) -> str:
        return self.draw(st.sampled_from((" ", "  ", "\t"))) + self.comment() if self.draw(COMMENTED) else ""

    def above(self, column: int, owner: str | None) -> None:
        for _ in range(self.draw(st.sampled_from((0, 0, 0, 0, 1, 2)))):
            if self.draw(st.booleans()):
                self.lines.append("")
            else:
                text = self.comment()
                self.lines.append(" " * column + text)
                if owner is not None:
                    self.owners[text] = owner

    def key(self) -> str:
        self.names += 1
        name = f"{self.pick('q', 'k', 'a', 'z')}{self.names}"
        return str(self.pick(name, name, name, f'"{name}"', f"'{name}'"))

    def mapping(self, column: int, depth: int, *, first: str = "") -> None:
        """Write a block mapping; `first` stands before its first key on the same line."""
        for position in range(self.draw(st.integers(1, 4))):
            key = self.key()
            if position or not first:
                # Comments above the first key of all are about the file.
                self.above(column, key.strip("\"'") if column or position else None)
            start = first if not position and first else " " * column
            self.value(start + key + str(self.pick(":", ":", ": ", " :")).rstrip(), column, depth)

    def sequence(self, column: int, depth: int, *, first: str = "") -> None:
        for position in range(self.draw(st.integers(1, 3))):
            if position or not first:
                self.above(column, None)
            start = (first if not position and first else " " * column) + "-"
            kind = self.pick("value", "mapping", "sequence") if depth else "value"
            if kind == "value":
                self.value(start, column, 0)
            else:
                gap = " " * self.draw(st.integers(1, 3))
                inner = len(start) + len(gap)
                write = self.mapping if kind == "mapping" else self.sequence
                if self.draw(st.booleans()):
                    write(inner, depth - 1, first=start + gap)
                else:
                    self.lines.append(start + self.trailing())
                    write(inner, depth - 1)

    def value(self, head: str, column: int, depth: int) -> None:
        """Write what stands behind `head`; a block goes on lines of its own, further right than `column`."""
        kinds = ["plain", "quoted", "flow", "block", "empty", "number", "long", "below"]
        kind = self.draw(st.sampled_from(kinds + ["mapping", "sequence"] * 3 * bool(depth)))
        inner = column + self.draw(st.integers(1, 4))
        gap = " " * self.draw(st.integers(1, 3))
        match kind:
            case "mapping" | "sequence":
                indentless = kind == "sequence" and head.rstrip().endswith(":") and self.draw(st.booleans())
                self.lines.append(head + self.trailing())
                (self.mapping if kind == "mapping" else self.sequence)(column if indentless else inner, depth - 1)
            case "block":
                self.block_text(head + gap, inner)
            case "long":
                quote = self.pick("", '"', "'")
                self.lines += [f"{head}{gap}{quote}one two", *(" " * inner + "three" for _ in range(2))]
                self.lines[-1] += f"{quote}{self.trailing()}"
            case "below":
                self.lines.append(head + self.trailing())
                self.above(inner, None)
                self.lines.append(" " * inner + "below" + self.trailing())
            case "empty":
                self.lines.append(head + self.trailing())
            case _:
                self.lines.append(head + gap + self.inline(kind) + self.trailing())

    def inline(self, kind: str, depth: int = 2) -> str:
        match kind:
            case "quoted" if self.draw(st.integers(0, 19)) == 0:
                # Half a character each: read by another parser, whose marks have to be as good.
                return '"\\ud83d\\ude00"'
            case "quoted":
                word = self.draw(st.sampled_from(WORDS))
                escaped = word.replace("\\", "\\\\").replace('"', '\\"')
                return str(self.pick(f'"{escaped}"', "'" + word.replace("'", "''") + "'"))
            case "number":
                return str(self.pick("1", "2.5", "true", "null", "-3"))
            case "flow":
                count = self.draw(st.integers(0, 3))
                comma, edge = str(self.pick(",", ", ", " ,  ")), str(self.pick("", " "))
                below = [self.inline(str(self.pick("quoted", "number", *(["flow"] * bool(depth)))), depth - 1)]
                if self.draw(st.booleans()):
                    return "[" + edge + comma.join(below * count) + edge + "]"
                colon = self.pick(": ", ":  ")
                return "{" + edge + comma.join(f"{self.key()}{colon}{below[0]}" for _ in range(count)) + edge + "}"
            case _:
                return str(self.pick("plain", "two words", "it's", "a#b"))

    def block_text(self, head: str, inner: int) -> None:
        chomp = self.pick("", "-", "+")
        self.lines.append(f"{head}{self.pick('|', '>')}{chomp}{self.trailing()}")
        body = self.draw(st.lists(st.sampled_from(LINES), max_size=4))
        self.lines += [" " * inner + "begins", *(" " * inner + line if line.strip(" ") else line for line in body)]


@st.composite
def scribbled(draw: DrawFn) -> tuple[str, list[str], dict[str, str]]:
    """Return a manifest's text, its comments, and which of them stand above which key."""
    scribe = Scribe(draw)
    if draw(st.booleans()):
        scribe.lines += ["# yaml-language-server: $schema=x", ""]
        scribe.comments.append(scribe.lines[0])
    scribe.mapping(0, 3)
    text = "\n".join(scribe.lines) + draw(st.sampled_from(("\n", "\n", "", "\n\n")))
    return text, scribe.comments, scribe.owners
