"""As much of the workflows' expressions as the workflows here use; anything else is an error, not a guess."""

import re
from collections.abc import Mapping
from typing import Any

Contexts = Mapping[str, Any]
_PLACE = re.compile(r"\$\{\{ (.+?) \}\}")


def filled(text: str, contexts: Contexts) -> str:
    """A text with the value of each expression in its place."""
    return _PLACE.sub(lambda found: _shown(value(found[1], contexts)), text)


def holds(condition: str, contexts: Contexts, *, failed: bool = False) -> bool:
    """Whether a job or a step runs; one that asks for no status runs only where nothing has failed."""
    whole = _PLACE.fullmatch(condition)
    parts = (whole[1] if whole else condition).split(" && ")
    asks = [part for part in parts if part in ("always()", "!cancelled()")]
    return (bool(asks) or not failed) and all(bool(value(part, contexts)) for part in parts if part not in asks)


def value(expression: str, contexts: Contexts) -> Any:
    if expression.startswith("(") and expression.endswith(")"):
        return any(value(each, contexts) for each in expression[1:-1].split(" || "))
    left, compared, right = expression.partition(" == ")
    if compared:
        return value(left, contexts) == value(right, contexts)
    if found := re.fullmatch(r"'([^']*)'", expression):
        return found[1]
    if found := re.fullmatch(r"format\('([^']*)', (\S+)\)", expression):
        return found[1].replace("{0}", str(value(found[2], contexts)))
    assert re.fullmatch(r"[a-z]+(\.\w+)*", expression), f"not known here: {expression}"
    found_here: Any = contexts
    for part in expression.split("."):
        found_here = found_here.get(part, "") if isinstance(found_here, Mapping) else ""
    return found_here


def _shown(result: Any) -> str:
    return str(result).lower() if isinstance(result, bool) else str(result)
