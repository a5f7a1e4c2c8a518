"""Rules about the shape of a YAML file: one document, one mapping, and nothing that only some know."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.core.rulebook.sample import SAMPLE
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_PLAIN: Final = Example(whole=SAMPLE)
_NAMES: Final = """\
filter:
  or:
    - and:
        - type: contacts_name_in
          name_in: [{}]
"""

RULES: Final = (
    Rule(
        id=rules.SYNTAX,
        name="yaml-syntax",
        title="a file is not valid YAML",
        why="YAML is picky about indentation, quotes and colons. The place that is named is where reading had to stop; "
        "the slip is often a line earlier. A text that holds `: ` or begins with a sign goes into quotes.",
        wrong=Example(keys="name: Welcome: the first mail\n"),
        right=Example(keys='name: "Welcome: the first mail"\n'),
    ),
    Rule(
        id=rules.EMPTY_FILE,
        name="empty-file",
        title="a file holds nothing, or nothing but comments",
        why="An empty file could mean a sequence that is to be deleted, or one with nothing but defaults. Neither is "
        "ever guessed.",
        wrong=Example(whole="# custom_id: welcome\n"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.NOT_A_MAPPING,
        name="not-a-mapping",
        title="a file is a list or a single value instead of keys with values",
        why="One file is one sequence, and a sequence is described by its keys, beginning with `custom_id:`.",
        wrong=Example(whole="- custom_id: welcome\n  name: Welcome\n"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.SECOND_DOCUMENT,
        name="second-document",
        title="a file holds a second document after a line of `---`",
        why="One file is one sequence. Tools that read only the first document would silently drop the second.",
        wrong=Example(whole=SAMPLE + "---\n" + SAMPLE.replace("welcome", "goodbye", 1)),
        right=Example(whole=SAMPLE, files={"goodbye.yaml": SAMPLE.replace("welcome", "goodbye", 1)}),
    ),
    Rule(
        id=rules.DIRECTIVE,
        name="yaml-directive",
        title="a line that begins with `%` directs the YAML reader",
        why="Readers disagree on directives, and some ignore `%YAML 1.2` altogether. Manifests are always YAML 1.2.",
        wrong=Example(whole="%YAML 1.2\n---\n" + SAMPLE),
        right=_PLAIN,
    ),
    Rule(
        id=rules.TAG,
        name="yaml-tag",
        title="a value has a YAML tag, such as `!!str` or `!env`",
        why="A tag makes some readers build something that is not JSON, and others run code. To make something text, "
        "put it in quotes; to take a value from the environment, write `{$var: name}`.",
        wrong=Example(keys="name: !!str Welcome\n"),
        right=Example(keys='name: "Welcome"\n'),
    ),
    Rule(
        id=rules.TOO_DEEP,
        name="too-deep",
        title="values are nested deeper than 64 levels",
        why="No manifest needs more than ten. Nesting without bound is the classic way to crash whatever reads a file.",
        wrong=Example(whole="custom_id: " + "[" * 70 + "]" * 70 + "\n"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.TOO_LONG,
        name="too-many-parts",
        title="a file has more than 100,000 parts: keys, values, beginnings and ends",
        why="A bound keeps one file from stalling every run. A list of recipients that long belongs into a segment.",
        wrong=Example(
            whole=SAMPLE,
            commands="(printf 'more: ['; yes x, | head -n 100001 | tr -d '\\n'; printf ']\\n') >> welcome.yaml",
        ),
        right=_PLAIN,
    ),
    Rule(
        id=rules.ALIAS,
        name="bad-alias",
        title="an alias (`*name`) names no anchor (`&name`) before it, or one that it stands in",
        why="A text that begins with `*` is an alias in YAML. If it is meant as text, put it in quotes.",
        wrong=Example(keys="name: *Welcome\n"),
        right=Example(keys='name: "*Welcome"\n'),
    ),
    Rule(
        id=rules.ALIAS_BOUND,
        name="too-many-aliases",
        title="a file has more than 100 aliases, or aliases that grow too large when they are written out",
        why="A dozen lines of aliases of aliases can stand for more values than a computer can hold.",
        wrong=Example(keys="name: &w Welcome\n" + _NAMES.format(", ".join(["*w"] * 101))),
        right=Example(keys="name: &w Welcome\n" + _NAMES.format("*w")),
    ),
    Rule(
        id=rules.MERGE_KEY,
        name="merge-key",
        title="`<<` merges one mapping into another",
        why="YAML 1.2 knows no merge keys: half of all readers would see a key named `<<`. What is sent must be what "
        "the file says to everyone, so the keys are written out. Plain aliases are allowed.",
        wrong=Example(
            keys="filter:\n  or:\n    - and:\n        - &vip\n          type: contact_belongs_to_segment\n"
            "          segment_id: vip\n        - <<: *vip\n          segment_id: new\n"
        ),
        right=Example(
            keys="filter:\n  or:\n    - and:\n        - type: contact_belongs_to_segment\n          segment_id: vip\n"
            "        - type: contact_belongs_to_segment\n          segment_id: new\n"
        ),
    ),
    Rule(
        id=rules.DUPLICATE_KEY,
        name="duplicate-key",
        title="a key stands twice in the same mapping",
        why="Most readers silently keep the last of the two. Which one was meant is for its author to say.",
        wrong=Example(keys="name: Welcome\n" + _NAMES.format("Ann") + "filter:\n"),
        right=Example(keys="name: Welcome\n" + _NAMES.format("Ann")),
    ),
    Rule(
        id=rules.KEY_NOT_TEXT,
        name="key-not-text",
        title="a key is a number, a boolean, null, a list or a mapping",
        why="Keys of JSON are texts. YAML would turn `1` and `true` into something that cannot be sent.",
        wrong=Example(
            keys="filter:\n  or:\n    - and:\n        - type: contacts_attributes_in\n          attributes:\n"
            "            - 2026: attended\n"
        ),
        right=Example(
            keys="filter:\n  or:\n    - and:\n        - type: contacts_attributes_in\n          attributes:\n"
            '            - "2026": attended\n'
        ),
    ),
    Rule(
        id=rules.INVISIBLE,
        name="invisible-difference",
        severity=Severity.WARNING,
        title="a text differs from how it looks: white space at its ends, or characters that nobody sees",
        why="Two names that look alike and are not lead to searches that find nothing and reviews that approve "
        "something else. Some writing systems need such characters, so this is a warning.",
        wrong=Example(keys='name: "Welcome "\n'),
        right=Example(keys="name: Welcome\n"),
    ),
    Rule(
        id=rules.TEXT_CUT,
        name="text-cut-off",
        severity=Severity.WARNING,
        title="a text without quotes ends where a `#` begins a comment",
        why="`Welcome #1` without quotes is `Welcome`, and what follows is a comment that nobody receives. A comment "
        "that is meant has a space behind its `#`.",
        wrong=Example(keys="name: Welcome #1\n"),
        right=Example(keys='name: "Welcome #1"\n'),
    ),
)
