"""From a live sequence to the manifest that people would have written for it. Pure.

Nothing of live is guessed at: what a manifest cannot say refuses the sequence, and what is left out is told.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.core.audience import everyone
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.jsonvalue import ABSENT, Json
from reconciler.model.pointer import Path, replaced, shown_pointer, value_at
from reconciler.model.sequence import MANAGED_FIELDS, Live

# From so many characters on, a text is easier to read in a file of its own.
LONG: Final = 160
_LONGEST_ID: Final = 50
_UUID_SHAPE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BODY: Final = "email_body"
# What older versions of the API answer and the contract does not know is left out, so many times over at most.
_ROUNDS: Final = 20

Check = Callable[[Json], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A manifest's value, and the texts that it brings in with `$file`, by file name.

    `notes` are what whoever asked for it should know. `is_proposed` tells that its custom_id is not that of live.
    """

    custom_id: str
    value: dict[str, Any]
    texts: Mapping[str, str]
    notes: tuple[str, ...]
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class Inexpressible:
    """Why no manifest can say what is live: what is wrong with it, by path."""

    findings: tuple[Finding, ...]


def compose(
    live: Live, *, names: Mapping[str, str], is_free: Callable[[str], bool], check: Check
) -> Composed | Inexpressible:
    """Return the manifest of a live sequence.

    `names` has the custom_id of each sequence that a manifest can refer to, by id; `is_free` tells whether a custom_id
    can be given; `check` judges a manifest by its schema.
    """
    notes: list[str] = []
    value, custom_id, is_proposed = _named(live, is_free, check, notes)
    value, findings = _known(value, check, notes)
    value = _with_plain_breaks(value, notes)
    if any(each.severity is Severity.ERROR for each in findings):
        return Inexpressible(findings)
    texts: dict[str, str] = {}
    value["steps"] = _with_files(value["steps"], custom_id, texts)
    own = {**names, live.id: ""}
    if everyone(value["filter"]) is not None:
        value["reconciler"] = {"audience": "everyone"}
        notes.append("its filter can match EVERYONE: `audience: everyone` is written down; look whether that is meant")
    value["filter"] = _with_references(value["filter"], own)
    return Composed(
        custom_id=custom_id,
        value={key: value[key] for key in (*MANAGED_FIELDS, "reconciler") if key in value},
        texts=texts,
        notes=tuple(notes),
        is_proposed=is_proposed,
    )


def proposed_id(name: str, is_free: Callable[[str], bool]) -> str:
    """Return a custom_id like a name that can still be given."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "sequence"
    if _UUID_SHAPE.fullmatch(word):
        word = "sequence"
    if is_free(word):
        return word
    numbered = (f"{word[: _LONGEST_ID - 5].strip('-')}-{number}" for number in range(2, 10_000))
    return next(each for each in numbered if is_free(each))


def _named(
    live: Live, is_free: Callable[[str], bool], check: Check, notes: list[str]
) -> tuple[dict[str, Any], str, bool]:
    value = live.payload.value
    given = value.get("custom_id")
    is_bad = given is not None and any(each.path == ("custom_id",) for each in check(value))
    if isinstance(given, str) and not is_bad:
        return value, given, False
    name = value.get("name")
    custom_id = proposed_id(name if isinstance(name, str) else "", is_free)
    why = "its custom_id cannot be one here" if is_bad else "it has no custom_id"
    notes.append(f"{why}: `{custom_id}` is proposed, and is written to it with the next apply")
    return {**value, "custom_id": custom_id}, custom_id, True


def _known(value: dict[str, Any], check: Check, notes: list[str]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return the value without what the contract does not know, each told, and what is still wrong with it."""
    findings = check(value)
    for _ in range(_ROUNDS):
        foreign = [each for each in findings if _is_of_an_older_shape(each, value)]
        if not foreign:
            break
        for each in foreign:
            left: Any = replaced(value, each.path, ABSENT)
            value = left
            notes.append(f"`{shown_pointer(each.path)}` is of another version of the API: left out, and never sent")
        findings = check(value)
    return value, findings


def _is_of_an_older_shape(finding: Finding, value: dict[str, Any]) -> bool:
    if finding.rule == rules.UNKNOWN_KEY:
        return len(finding.path) > 1
    return finding.rule == rules.WRONG_TYPE and value_at(value, finding.path) is None and len(finding.path) > 1


def _with_plain_breaks(value: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    changed: dict[str, Any] = _each_text(value, lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))
    if changed != value:
        notes.append("its line breaks are written as line feeds")
    return changed


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _each_text(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _with_files(steps: Any, custom_id: str, texts: dict[str, str]) -> Any:
    """Return the steps with each long text as a file's, which is put into `texts`."""
    long = list(_long_texts(steps, ()))
    for path, text in long:
        numbered = f"{custom_id}-{int(path[0]) + 1}" if len(long) > 1 else custom_id
        ending = "html" if path[-1] == _BODY else "txt"
        name = _unused(numbered, ending, texts)
        texts[name] = text
        steps = replaced(steps, path, {"$file": name})
    return steps


def _unused(stem: str, ending: str, texts: Mapping[str, str]) -> str:
    names = (f"{stem}{suffix}.{ending}" for suffix in ("", *(f"-{chr(each)}" for each in range(ord("a"), ord("z")))))
    return next(each for each in names if each not in texts)


def _long_texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _long_texts(each, (*path, key))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from _long_texts(each, (*path, position))
    elif is_for_a_file(value):
        yield path, value


def is_for_a_file(value: Any) -> bool:
    """Tell whether a text is easier to read in a file, and one can hold it as it is."""
    return isinstance(value, str) and ("\n" in value or len(value) > LONG) and not value.startswith("\ufeff")


def _with_references(filter_: Any, names: Mapping[str, str]) -> Any:
    for at, group in enumerate(filter_["or"] if filter_ else ()):
        for position, condition in enumerate(group["and"]):
            name = names.get(condition.get("sequence_id"))
            if condition["type"] == "contacts_affected_by_sequence" and name:
                path = ("or", at, "and", position, "sequence_id")
                filter_ = replaced(filter_, path, {"$sequence": name})
    return filter_


def referred_ids(live: Live) -> frozenset[str]:
    """Return the ids of the sequences that a live filter names, as far as it is well formed."""
    return frozenset(_ids_below(live.payload.value.get("filter")))


def _ids_below(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        found = value.get("sequence_id")
        if isinstance(found, str):
            yield found
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _ids_below(each)
