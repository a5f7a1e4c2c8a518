"""Texts that look like a reference to a file or a variable as other programs write it: they are sent as they stand.

Nobody notices before the message goes out, or goes to nobody. What stands there is never repeated: it may be a secret.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path

_OF_CONDITION: Final = ("segment_id", "sequence_id")
_OF_ACTION: Final = ("aiPhoneAgentId", "phone_number_id")
_BODIES: Final = ("email_body", "message")
# With what a variable of a shell, of Terraform, Helm, a workflow, Windows or a template begins.
_BEGINS: Final = ("$", "%", "{{", "<%")
_VARIABLE: Final = re.compile(r"\$\{.*\}|\$\(.*\)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|\{\{.*\}\}|<%.*%>", re.DOTALL)
_FILE: Final = re.compile(r"(?:file:|@)?[\w./\\~ -]{0,200}\.(?:html?|txt|md|mjml|eml)", re.IGNORECASE)
_LONGEST_NAME: Final = 220


def look(payload: Mapping[str, Any]) -> Iterator[Finding]:
    """Return the ids that look like a variable, and the messages that are nothing but the name of a file."""
    for position, step in enumerate(payload["steps"]):
        data, path = step["action"]["data"], ("steps", position, "action", "data")
        yield from _variables(data, _OF_ACTION, path)
        for key in _BODIES:
            text = data.get(key, "")
            if len(text) <= _LONGEST_NAME and _FILE.fullmatch(text.strip()):
                yield _warning(
                    "this message is the name of a file and nothing else: people get just that",
                    "write `{$file: NAME}` for the text of the file",
                    (*path, key),
                )
    if payload["filter"] is not None:
        yield from _in_filter(payload["filter"]["or"])


def _in_filter(groups: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for position, group in enumerate(groups):
        for at, condition in enumerate(group["and"]):
            yield from _variables(condition, _OF_CONDITION, ("filter", "or", position, "and", at))


def _variables(values: Mapping[str, Any], keys: Sequence[str], path: Path) -> Iterator[Finding]:
    for key in keys:
        value = values.get(key)
        if isinstance(value, str) and value.startswith(_BEGINS) and _VARIABLE.fullmatch(value):
            yield _warning(
                f"`{key}` looks like a variable of another program, and is sent as it is written: nothing has that id",
                "write `{$var: NAME}` for one of the environment's `variables` in reconciler.toml",
                (*path, key),
            )


def _warning(message: str, hint: str, path: Path) -> Finding:
    return Finding(rule=rules.SENT_AS_WRITTEN, message=message, hint=hint, path=path, severity=Severity.WARNING)
