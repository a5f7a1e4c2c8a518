"""The two gates that are built from the derived schemas: one for manifests, one for the bodies of requests."""

import json
from pathlib import Path
from typing import Final

from reconciler.adapters.schemas.bundled import COMMAND
from reconciler.adapters.schemas.judge import MAX_MISTAKES, Judge
from reconciler.adapters.schemas.schema import Schema
from reconciler.errors import ConfigurationError
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import to_pointer

_ENOUGH: Final = Finding(
    rule=rules.TOLD_ENOUGH,
    message=f"only the first {MAX_MISTAKES:,} mistakes of this manifest are told: there may be more",
    path=(),
    hint="mend these, and run `reconciler validate` again",
)


class ManifestChecker:
    """Judges a manifest's value and explains what is wrong with it.

    It also takes a manifest whose instruction objects have been replaced by their strings, so that a text that came
    from a file or a variable can be judged like one that stood there.
    """

    def __init__(self, schema_file: Path) -> None:
        self._judge = Judge(_read_schema(schema_file))

    def is_valid(self, value: Json) -> bool:
        """Tell whether there is nothing wrong, without a word on what is."""
        return not self.check(value)

    def check(self, value: Json) -> tuple[Finding, ...]:
        """Return every mistake, in the order of their paths; nothing for a valid value."""
        if self._judge.passes(value):
            return ()
        return _explained(self._judge, value)


class RequestValidator:
    """Judges the body of a request by the schema exactly as published, right before it would be sent."""

    def __init__(self, schema_file: Path) -> None:
        self._judge = Judge(_read_schema(schema_file))

    def is_valid(self, body: Json) -> bool:
        """Tell whether the contract allows the body."""
        return self.check(body) is None

    def check(self, body: Json) -> str | None:
        """Return the first reason why the contract does not allow the body, without its values; None if it does."""
        if self._judge.passes(body):
            return None
        for finding in _explained(self._judge, body):
            return f"{to_pointer(finding.path) or 'the body'}: {finding.message}"
        return None


def _explained(judge: Judge, value: Json) -> tuple[Finding, ...]:
    # Imported only when there is something to explain, like the reference itself.
    from reconciler.adapters.schemas.explain import explain

    mistakes = judge.mistakes(value)
    found = explain(mistakes, value, judge.schema)
    return found if len(mistakes) < MAX_MISTAKES else (*found, _ENOUGH)


def _read_schema(file: Path) -> Schema:
    try:
        schema: Schema = json.loads(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise ConfigurationError(f"the schema {file} cannot be read: {problem}", hint=f"run `{COMMAND}`") from None
    return schema
