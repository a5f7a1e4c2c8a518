"""What is wrong with the manifests of a fleet, told once: mistakes of a manifest there, missing variables in the table.

A variable that no organisation has is a mistake of the manifest; one that only some lack is theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from reconciler.core.fleet.describing import at_entry
from reconciler.core.spelling import first_few
from reconciler.model import rules
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.fleet import NO_VARIABLE, Organisation

_MOST_NAMED: Final = 3
# How a hint begins that names the spelling that was meant.
_NEAR: Final = "did you mean"


@dataclass(frozen=True, slots=True)
class Checked:
    """Organisations for which the manifests are the same, and what is wrong with them for those."""

    organisations: tuple[Organisation, ...]
    diagnostics: Sequence[Diagnostic]


_Told: TypeAlias = tuple[tuple[str, int, int, str, str], str]


def tell_once(checked: Sequence[Checked], *, table: str) -> tuple[Diagnostic, ...]:
    """Return all that is wrong, sorted by place; `table` names the table of organisations."""
    groups: dict[_Told, list[Checked]] = {}
    first: dict[_Told, Diagnostic] = {}
    for each in checked:
        for diagnostic in each.diagnostics:
            told = (diagnostic.order, diagnostic.path)
            first.setdefault(told, diagnostic)
            groups.setdefault(told, []).append(each)
    found: dict[object, Diagnostic] = {}
    for told, diagnostic in first.items():
        concerned = groups[told]
        if len(concerned) == len(checked) or diagnostic.severity is not Severity.ERROR:
            found[told] = diagnostic
        elif diagnostic.rule == rules.UNKNOWN_VARIABLE:
            found.update(_lacking(diagnostic, concerned, table, found))
        else:
            found[told] = replace(diagnostic, message=f"{diagnostic.message}; so it is for {_named(concerned)}")
    return tuple(sorted(found.values(), key=lambda each: each.order))


def _lacking(
    diagnostic: Diagnostic, concerned: Iterable[Checked], table: str, told: Mapping[object, Diagnostic]
) -> dict[object, Diagnostic]:
    """Return one mistake for each organisation that lacks a variable, wherever else it is named."""
    near = diagnostic.hint if diagnostic.hint and diagnostic.hint.startswith(_NEAR) else None
    hint = (
        near or "add it to the organisation's variables, or limit the manifest to labels of organisations that have it"
    )
    where = f"{diagnostic.file}:{diagnostic.span.line}:{diagnostic.span.column}"
    return {
        (organisation.name, diagnostic.message): at_entry(
            table,
            organisation.span,
            "variables",
            NO_VARIABLE,
            f"organisation `{organisation.name}` lacks a variable: at {where}, {diagnostic.message}",
            hint,
        )
        for each in concerned
        for organisation in each.organisations
        if (organisation.name, diagnostic.message) not in told
    }


def _named(concerned: Iterable[Checked]) -> str:
    return first_few([f"`{each.name}`" for group in concerned for each in group.organisations], _MOST_NAMED)
