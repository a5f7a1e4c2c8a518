"""The options that `plan` and `apply` share."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from reconciler.cli.completing import selections
from reconciler.model.errand import Asked
from reconciler.model.plan import Refresh
from reconciler.wiring.planning import overridden

_Function = TypeVar("_Function", bound=Callable[..., Any])


_REASON: Final = click.option(
    "--reason", multiple=True, metavar="TEXT", help="Why a guard is overridden; one for each --override."
)
_OVERRIDE: Final = click.option(
    "--override", multiple=True, metavar="GUARD", help="Have a guard not refuse the plan. Repeatable."
)
adopt_option: Final = click.option("--adopt", is_flag=True, help="Take over sequences that exist and are not recorded.")
refresh_option: Final = click.option(
    "--refresh",
    type=click.Choice([each.value for each in Refresh]),
    help="Which live sequences to read. [default: changed with a key, else none]",
)
only_option: Final = click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Only these: a custom_id, owner:NAME or path:PATH; *, ? and ** match. Repeatable.",
    shell_complete=selections,
)


def override_options(function: _Function) -> _Function:
    """Add `--override` and `--reason`, handed over under these names."""
    return _OVERRIDE(_REASON(function))


def planning_options(function: _Function) -> _Function:
    """Add `--refresh`, `--only`, `--adopt`, `--override` and `--reason`, handed over under these names."""
    for option in (
        override_options,
        adopt_option,
        only_option,
        refresh_option,
    ):
        function = option(function)
    return function


def asked_for(
    refresh: str | None, only: tuple[str, ...], override: tuple[str, ...], reason: tuple[str, ...], *, adopt: bool
) -> Asked:
    """Return the options as one value; UsageError for overrides that are unknown or unexplained."""
    return Asked(
        refresh=Refresh(refresh) if refresh else None,
        only=tuple(sorted(set(only))),
        adopt=adopt,
        overrides=overridden(override, reason),
    )
