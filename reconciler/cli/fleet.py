"""`reconciler fleet`: one repository for many organisations."""

from importlib import import_module
from typing import Final

import click

from reconciler.cli.group import Group

# Each is imported only when it is called: planning needs nothing of what applying stands on.
_COMMANDS: Final = {
    "validate": "reconciler.cli.fleet_validate",
    "plan": "reconciler.cli.fleet_plan",
    "apply": "reconciler.cli.fleet_apply",
    "drift": "reconciler.cli.fleet_drift",
}


class FleetGroup(Group):
    """The group that knows its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the work."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        found = import_module(_COMMANDS[cmd_name]).command if cmd_name in _COMMANDS else None
        return found if isinstance(found, click.Command) else None


@click.group("fleet", cls=FleetGroup)
def command() -> None:
    """Keep the same sequences in many organisations; [fleets.NAME] of reconciler.toml describes them."""
