"""All that is looked at in a manifest that is valid by its schema, put together with the settings of its repository."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reconciler.core.inspection import inspect
from reconciler.core.own import check_own
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import JsonObject
from reconciler.model.sequence import Instructions
from reconciler.model.settings import LintSettings

if TYPE_CHECKING:
    from reconciler.core.lint.linter import Linter
    from reconciler.core.lint.silencing import Comment, Silenced

# What has to have passed the schema before anyone looks at it as a whole.
_WHOLE: Final = frozenset({"custom_id", "filter", "steps"})


class Looking:
    """What is looked at. The lint is imported with the first manifest that is read: most runs remember them all."""

    def __init__(self, settings: LintSettings) -> None:
        self._settings = settings

    @cached_property
    def _linter(self) -> "Linter":
        from reconciler.core.lint.linter import Linter

        return Linter(self._settings)

    def inspect(self, payload: JsonObject, instructions: Instructions) -> tuple[Finding, ...]:
        """Return what there is to say about a payload and its manifest's instructions.

        A field that did not pass the schema is not there, and then only the rest of the filter is looked at.
        """
        found = self._linter.judge(inspect(payload, instructions))
        if not payload.keys() >= _WHOLE:
            return found
        return found + check_own(payload, instructions) + self._linter.inspect(payload)

    def judge(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings with the severity that their rule is configured to have, without those that are off."""
        return self._linter.judge(found)

    def silence(
        self, found: Sequence[Finding], comments: "Sequence[Comment]", lines_of: Callable[[Finding], Iterable[int]]
    ) -> "Silenced":
        """Return what the comments of a manifest leave of findings, and what is wrong with the comments."""
        return self._linter.silence(found, comments, lines_of)
