"""From the entries of a table to organisations, or to all that is wrong with them, each mistake at its place.

Pure: the table was read elsewhere. Nothing that stands where a key is meant is ever repeated: it may be one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.core.addresses import is_state_address, place_of
from reconciler.core.fleet.words import (
    KEY_HINT,
    LABEL,
    LABEL_WORDS,
    NAME,
    NAME_WORDS,
    VARIABLE,
    expand,
    key_source,
    unknown_placeholder,
)
from reconciler.core.spelling import did_you_mean
from reconciler.model.diagnostic import Diagnostic, Severity, Span
from reconciler.model.fleet import BAD_ENTRY, DUPLICATE, SHARED, Entry, Fleet, KeySource, Organisation
from reconciler.model.settings import Environment, FleetSettings

KEYS: Final = ("name", "environment", "labels", "variables", "key", "state")
_SECRETS: Final = frozenset({"api_key", "apikey", "token", "secret", "password", "bearer", "api_key_env"})
_STATE_HINT: Final = 'write "file:PATH", "git:refs/reconciler/NAME" or "s3://BUCKET/KEY"'

_NAMELESS: Final = "this-organisation"


def describe(
    settings: FleetSettings,
    environments: Mapping[str, Environment],
    entries: Sequence[Entry],
    *,
    table: str,
    wrong: tuple[Diagnostic, ...] = (),
) -> Fleet:
    """Return the fleet; `table` is the name under which mistakes are shown, `wrong` are those of its form."""
    describer = _Describer(settings, environments, table, list(wrong))
    described = [(entry, describer.organisation(entry, describer.name(entry))) for entry in entries]
    if not entries and not wrong:
        describer.say(Entry(values={}), "name", BAD_ENTRY, "the table has no organisation", "add one, with its `name`")
    whole = [(entry, each) for entry, each in described if each is not None]
    describer.refuse_shared(whole)
    return Fleet(
        name=settings.name,
        table=table,
        organisations=tuple(sorted((each for _, each in whole), key=lambda each: each.name)),
        diagnostics=tuple(sorted(describer.found, key=lambda each: each.order)),
    )


def derived(
    base: Environment,
    name: str,
    *,
    state: str,
    key: KeySource | None,
    variables: Mapping[str, str],
    labels: tuple[str, ...],
) -> Environment:
    """Return an organisation's own environment, `FLEET/ORGANISATION` being its name; the rest is as in `base`."""
    return replace(
        base,
        name=name,
        api_key_env=base.api_key_env if key is None else key.address if key.kind == "env" else str(key),
        state=state,
        variables=variables,
        labels=labels,
        sandbox=f"fleet/{name}.sqlite3",
    )


def at_entry(table: str, span: Span, path: str, rule: str, message: str, hint: str | None) -> Diagnostic:
    """Return what is wrong with a table at a place of it."""
    return Diagnostic(
        rule=rule, severity=Severity.ERROR, message=message, hint=hint, file=table, span=span, path=f"/{path}"
    )


@dataclass(slots=True)
class _Describer:
    """Checks entry by entry, and notes what is wrong with each."""

    settings: FleetSettings
    environments: Mapping[str, Environment]
    table: str
    found: list[Diagnostic] = field(default_factory=list)
    names: dict[str, tuple[str, Span]] = field(default_factory=dict)

    def say(self, entry: Entry, key: str, rule: str, message: str, hint: str | None) -> None:
        """Note a mistake at the place of a key."""
        self.found.append(at_entry(self.table, entry.at(key), key, rule, message, hint))

    def name(self, entry: Entry) -> str | None:
        """Return an entry's name; None where it has none that can be used."""
        name = entry.values.get("name")
        if name is None:
            self.say(entry, "name", BAD_ENTRY, "an organisation has no `name`", "give each a name of its own")
            return None
        if not isinstance(name, str) or not NAME.fullmatch(name):
            self.say(entry, "name", BAD_ENTRY, f"`name` must be {NAME_WORDS}", None)
            return None
        first = self.names.setdefault(name.casefold(), (name, entry.at("name")))
        if first[1] != entry.at("name"):
            same = "is described already" if first[0] == name else f"differs from `{first[0]}` in case alone, which is"
            message = f"organisation `{name}` {same} at {self.table}:{first[1].line}"
            self.say(entry, "name", DUPLICATE, message, "remove one of the two, or give it another name")
            return None
        return name

    def organisation(self, entry: Entry, known: str | None) -> Organisation | None:
        """Return what an entry describes; None where that is not clear. One without a name is checked all the same."""
        before, name = len(self.found), known or _NAMELESS
        self._refuse_unknown(entry)
        base = self._environment(entry)
        labels, variables = self._labels(entry), self._variables(entry)
        state, key = self._state(entry, name), self._key(entry, name, base)
        if len(self.found) > before or base is None or known is None:
            return None
        environment = derived(
            base,
            f"{self.settings.name}/{name}",
            state=state,
            key=key,
            variables={**base.variables, **variables},
            labels=tuple(sorted({*base.labels, *labels})),
        )
        return Organisation(name=name, base=base.name, environment=environment, key=key, span=entry.at("name"))

    def refuse_shared(self, organisations: Iterable[tuple[Entry, Organisation]]) -> None:
        """Note every organisation that has its state, or its key, from where another one has its own."""
        states: dict[str, Organisation] = {}
        keys: dict[str, Organisation] = {}
        for entry, each in organisations:
            first = states.setdefault(place_of(each.environment.state), each)
            if first is not each:
                hint = "each needs a state of its own: two that write one state lose what the other recorded"
                self._shared(entry, each, first, "state", f"`{each.environment.state}`", hint)
            if each.key is None:
                continue
            first = keys.setdefault(str(each.key), each)
            if first is not each:
                hint = "a key belongs to one organisation: name each one's own"
                self._shared(entry, each, first, "key", f"`{each.key}`", hint)

    def _shared(self, entry: Entry, each: Organisation, first: Organisation, key: str, shown: str, hint: str) -> None:
        place = f"{self.table}:{first.span.line}"
        message = f"organisation `{each.name}` has the {key} {shown}, which `{first.name}` ({place}) has too"
        self.say(entry, key, SHARED, message, hint)

    def _refuse_unknown(self, entry: Entry) -> None:
        for key in entry.values:
            if key in KEYS:
                continue
            if key.casefold().replace("-", "_") in _SECRETS:
                hint: str | None = f"a key never stands in the table; say in `key` where it comes from: {KEY_HINT}"
            elif key in ("api", "url", "endpoint"):
                hint = "the endpoint is that of the environment: name one with `environment`"
            else:
                hint = did_you_mean(key, KEYS) or "known are: " + ", ".join(f"`{each}`" for each in KEYS)
            self.say(entry, key, BAD_ENTRY, f"unknown key `{key}`", hint)

    def _environment(self, entry: Entry) -> Environment | None:
        name = entry.values.get("environment", self.settings.environment)
        if isinstance(name, str) and name in self.environments:
            return self.environments[name]
        names = sorted(self.environments)
        nearest = did_you_mean(name, names) if isinstance(name, str) else None
        message = f"there is no environment `{name}`" if isinstance(name, str) else "`environment` must be a text"
        hint = nearest or "there are: " + ", ".join(f"`{each}`" for each in names)
        self.say(entry, "environment", BAD_ENTRY, message, hint)
        return None

    def _labels(self, entry: Entry) -> tuple[str, ...]:
        labels = entry.values.get("labels", [])
        if not isinstance(labels, list):
            self.say(entry, "labels", BAD_ENTRY, "`labels` must be a list of texts", 'write labels = ["eu"]')
            return ()
        for each in labels:
            if not isinstance(each, str) or not LABEL.fullmatch(each):
                self.say(entry, "labels", BAD_ENTRY, f"a label must be {LABEL_WORDS}", None)
                return ()
        return tuple(labels)

    def _variables(self, entry: Entry) -> Mapping[str, str]:
        variables = entry.values.get("variables", {})
        if not isinstance(variables, Mapping):
            self.say(
                entry, "variables", BAD_ENTRY, "`variables` must be a table", 'write variables = { name = "text" }'
            )
            return {}
        for name, value in variables.items():
            key = f"variables.{name}"
            if not VARIABLE.fullmatch(name):
                hint = "a variable's name is letters, digits and `_`, and does not begin with a digit"
                self.say(entry, key, BAD_ENTRY, f"no manifest can name the variable `{name}`", hint)
            elif not isinstance(value, str):
                self.say(entry, key, BAD_ENTRY, f"variable `{name}` must be a text", "put its value in quotes")
        return variables

    def _state(self, entry: Entry, name: str) -> str:
        template = entry.values.get("state", self.settings.state)
        if not isinstance(template, str):
            self.say(entry, "state", BAD_ENTRY, "`state` must be a text", _STATE_HINT)
            return ""
        state = self._expanded(entry, "state", template, name)
        if state is not None and not is_state_address(state):
            self.say(entry, "state", BAD_ENTRY, "`state` names no place that state can be kept in", _STATE_HINT)
        return state or ""

    def _key(self, entry: Entry, name: str, base: Environment | None) -> KeySource | None:
        template = entry.values.get("key", self.settings.key)
        if template is None:
            self._refuse_no_key(entry, name, base)
            return None
        expanded = self._expanded(entry, "key", template, name) if isinstance(template, str) else ""
        if expanded is None:
            return None
        source = key_source(expanded)
        if source is None:
            # What stands there is not shown: it may be the key itself.
            self.say(entry, "key", BAD_ENTRY, f"`key` of `{name}` does not say where the key comes from", KEY_HINT)
        return source

    def _refuse_no_key(self, entry: Entry, name: str, base: Environment | None) -> None:
        if base is not None and not base.is_sandbox:
            hint = f'{KEY_HINT}; `key` of the fleet says it for all, as in "env:OPENCX_{{ORG}}"'
            self.say(entry, "key", BAD_ENTRY, f"nothing says where the key of `{name}` comes from", hint)

    def _expanded(self, entry: Entry, key: str, template: str, name: str) -> str | None:
        unknown = unknown_placeholder(template)
        if unknown is not None:
            self.say(entry, key, BAD_ENTRY, f"`{key}` has `{{{unknown[0]}}}`, which nothing fills in", unknown[1])
            return None
        return expand(template, org=name, fleet=self.settings.name)
