"""Rules about files: what is read at all, before anyone looks at what is in it."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.core.rulebook.sample import SAMPLE
from reconciler.model import rules

_PLAIN: Final = Example(whole=SAMPLE)
_OTHER: Final = SAMPLE.replace("welcome", "goodbye", 1)

RULES: Final = (
    Rule(
        id=rules.UNREADABLE,
        name="unreadable",
        title="a manifest or a folder cannot be read",
        why="A manifest that is silently missing would look like one that was deleted, so whatever the system refuses "
        "to hand out is an error and not a gap. Usually the permissions are wrong, or the file went away meanwhile.",
        wrong=Example(whole=SAMPLE, commands="chmod 000 welcome.yaml"),
        right=Example(whole=SAMPLE, commands="chmod 644 welcome.yaml"),
    ),
    Rule(
        id=rules.NOT_REGULAR,
        name="not-a-regular-file",
        title="a manifest is a link, a folder, a pipe or a device",
        why="A link can lead out of the repository to a file that no reviewer has seen, and a pipe or a device may "
        "never end. Only ordinary files below the manifests folder are read.",
        wrong=Example(whole=SAMPLE, commands="ln -s welcome.yaml spring.yaml"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.TOO_LARGE,
        name="too-large",
        title="a manifest is larger than 1 MiB",
        why="No sequence needs that much. A bound keeps a file that was put there by mistake, or on purpose, from "
        "stalling every run. Long bodies belong into files of their own: `email_body: {$file: welcome.html}`.",
        wrong=Example(whole=SAMPLE, commands="head -c 1100000 /dev/zero | tr '\\0' '#' >> welcome.yaml"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.NOT_UTF8,
        name="not-utf-8",
        title="a file is not UTF-8 text",
        why="In any other encoding the same bytes are other letters, and what people receive would depend on who "
        "reads the file. Excel and older Windows editors save as Latin-1 or UTF-16 unless they are told otherwise.",
        wrong=Example(whole=SAMPLE.replace("Welcome", "Café", 1).encode("latin-1")),
        right=Example(whole=SAMPLE.replace("Welcome", "Café", 1)),
    ),
    Rule(
        id=rules.TOO_MANY_FILES,
        name="too-many-files",
        title="the manifests folder holds more than 20,000 manifests",
        why="A bound keeps a folder that was named by mistake, such as the whole disk, from being read. An "
        "organisation with more sequences than that splits its repository.",
        wrong=Example(whole=SAMPLE, commands="for n in $(seq 20001); do : > copy-$n.yaml; done"),
        right=_PLAIN,
    ),
    Rule(
        id=rules.NAME_CLASH,
        name="file-name-clash",
        title="the paths of two files differ only in case or in their Unicode form",
        why="macOS and Windows take the two for one file: a checkout there silently loses one of them, and with it a "
        "sequence.",
        wrong=Example(whole=SAMPLE, files={"Welcome.yaml": _OTHER}),
        right=Example(whole=SAMPLE, files={"goodbye.yaml": _OTHER}),
    ),
    Rule(
        id=rules.BAD_NAME,
        name="bad-file-name",
        title="a file's name cannot be used on every system",
        why="An ending in capital letters is a manifest on one system and not on another, and a name with invisible "
        "characters cannot be told apart from one without.",
        wrong=Example(whole=SAMPLE, files={"goodbye.YAML": _OTHER}),
        right=Example(whole=SAMPLE, files={"goodbye.yaml": _OTHER}),
    ),
    Rule(
        id=rules.TOLD_ENOUGH,
        name="told-enough",
        title="a manifest has more mistakes than are told",
        why="Reading stops after 100 mistakes of the YAML itself, and of 1,000 mistakes of keys and values the others "
        "are left out: nobody mends more at a time, and a file that is no manifest must keep nobody waiting. What is "
        "told is not all that is wrong. Where nothing but warnings is left out, this is a warning too; and where one "
        "text breaks one rule more than 20 times, the last warning of that rule says how many more there are.",
        wrong=Example(keys=f"reconciler:\n  ignore: [{', '.join(['no'] * 101)}]\n", also=(rules.DISPUTED_WORD,) * 100),
        right=_PLAIN,
    ),
)
