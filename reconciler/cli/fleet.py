"""`reconciler fleet`: one repository for many organisations."""

import click

from reconciler.cli.fleet_apply import command as apply_command
from reconciler.cli.fleet_drift import command as drift_command
from reconciler.cli.fleet_plan import command as plan_command
from reconciler.cli.fleet_validate import command as validate_command
from reconciler.cli.group import Group


@click.group("fleet", cls=Group)
def command() -> None:
    """Keep the same sequences in many organisations; [fleets.NAME] of reconciler.toml describes them."""


command.add_command(validate_command)
command.add_command(plan_command)
command.add_command(drift_command)
command.add_command(apply_command)
