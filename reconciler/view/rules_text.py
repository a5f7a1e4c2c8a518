"""Rules for people: one explained, all in a list, and all on the reference page `docs/rules.md`."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.core.rulebook.sample import SAMPLE
from reconciler.view.terminal import Paint, inert, one_line, paragraph

Sections = Sequence[tuple[str, Sequence[Rule]]]

_LONGEST: Final = 96
_REST: Final = SAMPLE.partition("filter:")[1] + SAMPLE.partition("filter:")[2]
_PAGE: Final = """\
# Rules

Everything that `reconciler validate` can say, each with the reason, an example of what breaks the rule, and the same
mended. `reconciler explain OCX101` shows one in the terminal; so does its name, `reconciler explain unknown-key`.
An error makes a manifest invalid, and nothing is planned or applied with it; a warning does not.

This page is written by `reconciler explain --page docs/rules.md`, from what `explain` shows: change that, not this.
"""


def rule_text(rule: Rule, paint: Paint, *, width: int) -> str:
    """Return a rule with its reason and both examples."""
    lines = [f"{paint(rule.id, 'bold')} {paint(rule.name, 'bold')} ({rule.severity.value})", ""]
    lines += paragraph(f"Broken where {rule.title}.", width=width)
    lines += ["", *paragraph(rule.why, width=width)]
    for heading, colour, example in (("Wrong", "red", rule.wrong), ("Right", "green", rule.right)):
        for name, text in _parts(example):
            lines += ["", f"... {name}:" if name else paint(heading, colour) + ":", ""]
            lines += [f"    {line}".rstrip() for line in text.split("\n")]
    return "\n".join(lines) + "\n"


def rules_text(sections: Sections, paint: Paint) -> str:
    """Return a list of all rules, a line each."""
    lines: list[str] = []
    for heading, rules in sections:
        lines += [paint(heading, "bold"), *(f"  {rule.id}  {rule.name:<24} {rule.title}" for rule in rules), ""]
    return "\n".join([*lines, "`reconciler explain OCX101` shows one with its reason and examples."]) + "\n"


def rules_page(sections: Sections) -> str:
    """Return the reference page, in Markdown."""
    lines = [_PAGE]
    for heading, rules in sections:
        lines += [f"## {heading}\n", "| rule | name | | broken where |", "|---|---|---|---|"]
        for rule in rules:
            title = rule.title.replace("|", "\\|")
            lines.append(f"| [{rule.id}](#{_anchor(rule)}) | {rule.name} | {rule.severity.value} | {title} |")
        lines.append("")
        lines += [line for rule in rules for line in _section(rule)]
    return "\n".join(lines)


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}: {rule.name}\n"
    yield f"{rule.why}\n"
    for heading, example in (("Wrong", rule.wrong), ("Right", rule.right)):
        for name, text in _parts(example):
            language = "sh" if name.startswith("after") else "toml" if name.endswith(".toml`") else "yaml"
            yield f"{f'... {name}' if name else f'**{heading}**'}:\n\n```{language}\n{text.rstrip()}\n```\n"


def _anchor(rule: Rule) -> str:
    return f"{rule.id}-{rule.name}".lower()


def _parts(example: Example) -> Iterator[tuple[str, str]]:
    """Yield the files of an example, each under its name; the manifest itself has none."""
    whole = example.keys if example.whole is None else example.whole
    yield "", _shown(whole)
    for name, content in example.files.items():
        yield f"with `{name}` beside it", _shown(content)
    if example.configuration:
        yield "with this in `reconciler.toml`", _shown(example.configuration)
    if example.commands:
        yield "after these commands in the manifests folder", _shown(example.commands)


def _shown(content: str | bytes) -> str:
    """Return a text as it can be shown: what is invisible escaped, what is long or always the same cut short."""
    text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
    lines = text.replace(_REST, "# the rest as usual\n").rstrip("\n").split("\n")
    return "\n".join(one_line(line, longest=_LONGEST) if len(line) > _LONGEST else inert(line) for line in lines)
