"""`reconciler completion`."""

import click

from reconciler.cli.completing import SHELLS, script
from reconciler.cli.session import emit
from reconciler.errors import ExitCode


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> ExitCode:
    """Print the script that completes commands, options, environments and custom_ids in a shell.

    \b
    bash:  eval "$(reconciler completion bash)"       in ~/.bashrc
    zsh:   eval "$(reconciler completion zsh)"        in ~/.zshrc, behind compinit
    fish:  reconciler completion fish | source        in ~/.config/fish/config.fish
    """
    emit(script(ctx.find_root().command, shell))
    return ExitCode.DONE
