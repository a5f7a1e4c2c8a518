"""Templates that WhatsApp would refuse or fill in wrongly: it knows the template, a manifest only names it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.core.lint.languages import LANGUAGES, is_impossible, meant, those_of
from reconciler.core.spelling import did_you_mean, first_few
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path
from reconciler.model.settings import LintSettings

_PARAMETERS: Final = "parameters"
_NAME: Final = "parameter_name"
_KNOWN: Final = frozenset(LANGUAGES)
_PARTS: Final = ("header", "body")
# One part by position, the other by name.
_BOTH_WAYS: Final = [(False,), (True,)]
_MANY: Final = 6


def look(data: Mapping[str, Any], path: Path, settings: LintSettings) -> Iterator[Finding]:
    """Return what is wrong with the template of a message; `path` is that of its `data`."""
    template, path = data["template"], (*path, "template")
    yield from _language(template["language"], (*path, "language"), settings)
    parameters, path = template[_PARAMETERS], (*path, _PARAMETERS)
    named: dict[str, set[bool]] = {}
    for part in _PARTS:
        if part in parameters:
            named[part] = ways = {_NAME in each for each in parameters[part][_PARAMETERS] if each["type"] == "text"}
            if len(ways) > 1:
                yield from _nameless(parameters[part][_PARAMETERS], part, (*path, part, _PARAMETERS))
    if len(named) > 1 and sorted(map(tuple, named.values())) == _BOTH_WAYS:
        yield _mixed(named, path)
    yield from _buttons(parameters.get("buttons", ()), (*path, "buttons"))


def constants(parameters: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Return the fixed texts that may be addresses, with their paths: values, and what takes the place of none."""
    for part in _PARTS:
        if part in parameters:
            yield from _addresses(parameters[part][_PARAMETERS], (*path, part, _PARAMETERS))
    for position, button in enumerate(parameters.get("buttons", ())):
        yield from _addresses(button[_PARAMETERS], (*path, "buttons", position, _PARAMETERS))


def _addresses(parameters: Sequence[Mapping[str, Any]], path: Path) -> Iterator[tuple[Path, str]]:
    for position, parameter in enumerate(parameters):
        kind = parameter["type"]
        if kind == "text":
            variables: tuple[tuple[Path, Mapping[str, str]], ...] = (((), parameter[kind]),)
        else:
            variables = tuple(((key,), each) for key, each in parameter[kind].items())
        for below, variable in variables:
            key = "value" if "value" in variable else "fallback"
            if "://" in variable[key]:
                yield (*path, position, kind, *below, key), variable[key]


def _language(language: str, path: Path, settings: LintSettings) -> Iterator[Finding]:
    wanted = settings.languages
    if language in (_KNOWN if wanted is None else wanted):
        return
    if wanted is None:
        message, hint = _unknown(language)
    else:
        message = f"no template of yours is approved in the language `{language}`"
        hint = did_you_mean(language, wanted) or (
            "`languages` in reconciler.toml has " + (first_few([f"`{each}`" for each in wanted], _MANY) or "none")
        )
    yield _warning(rules.UNREACHABLE_LANGUAGE, message, hint, path)


def _unknown(language: str) -> tuple[str, str]:
    """Say of a language that is not in the list what is certain, and what to do."""
    right, same = meant(language), [f"`{each}`" for each in those_of(language.partition("_")[0])]
    if right is not None or is_impossible(language):
        message = f"WhatsApp keeps no templates in the language `{language}`, so this message reaches nobody"
        has = f"it has {first_few(same, _MANY)}" if same else "write it as WhatsApp does, such as `en` or `en_GB`"
        return message, f"write `{right}`" if right else has
    message = (
        f"WhatsApp is not known to have the language `{language}`: unless a template of yours is approved in it, this "
        "message reaches nobody"
    )
    has = f"it is known to have {first_few(same, _MANY)}; " if same else ""
    return message, f"{has}the languages of your templates can be listed as `languages` in reconciler.toml"


def _nameless(parameters: Sequence[Mapping[str, Any]], part: str, path: Path) -> Iterator[Finding]:
    for position, each in enumerate(parameters):
        if each["type"] == "text" and _NAME not in each:
            yield _warning(
                rules.MISSING_PARAMETER_NAME,
                f"this parameter of the {part} has no `{_NAME}`, and others have one: WhatsApp refuses the message",
                "name all of them as the template does, or none",
                (*path, position),
            )


def _mixed(named: Mapping[str, set[bool]], path: Path) -> Finding:
    without = next(part for part, ways in named.items() if ways == {False})
    other = next(part for part in named if part != without)
    return _warning(
        rules.MIXED_PARAMETERS,
        f"the parameters of the {other} go by name, those of the {without} by position: a template has one way",
        f"give each parameter of the {without} its `{_NAME}`, or take the names out of the {other}",
        (*path, without, _PARAMETERS),
    )


def _buttons(buttons: Sequence[Mapping[str, Any]], path: Path) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for position, button in enumerate(buttons):
        before = first.setdefault(button["index"], position)
        if before != position:
            yield _warning(
                rules.BUTTON_INDEX,
                f"two entries fill in the same button, number `{button['index']}` of the template",
                "count the template's buttons from 0, and name each of them once",
                (*path, position, "index"),
            )


def _warning(rule: str, message: str, hint: str, path: Path) -> Finding:
    return Finding(rule=rule, message=message, hint=hint, path=path, severity=Severity.WARNING)
