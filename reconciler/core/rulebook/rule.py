"""A rule as people meet it: what it is called, why it is there, and what breaks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A manifest that breaks a rule, or the same one mended. A test reads each and looks at what is said of it.

    `keys` is YAML of some top-level keys, which take the place of those of a valid manifest; `whole` instead is the
    manifest's whole text, for rules about reading. `files` are other files by their path beside it, other manifests
    too. `configuration` is the text of `reconciler.toml`. `commands` are lines of shell, run in the manifests folder
    after everything is written, for what no text can show. `also` names rules that the example cannot help breaking.
    """

    keys: str = ""
    whole: str | bytes | None = None
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    configuration: str = ""
    commands: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `name` is a slug for people and dashboards, `severity` the one that it has unless configured otherwise.

    `title` completes the sentence "this rule is broken where ..."; `why` is a paragraph for the person who broke it.
    """

    id: str
    name: str
    severity: Severity = Severity.ERROR
    title: str
    why: str
    wrong: Example
    right: Example
