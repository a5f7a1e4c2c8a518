"""Commands that have commands of their own."""

from typing import Any, Final

import click

from reconciler.cli.session import say

# Where a context keeps the words that its command was called by.
WORDS: Final = "reconciler.words"


class Group(click.Group):
    """A group that shows its help to whoever names no command, and counts that as wrong usage."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"no_args_is_help": False, **kwargs})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help where there is nothing to parse."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            say(ctx.get_help() + "\n")
            ctx.fail("no command was named")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, and remember the word for it."""
        name, command, rest = super().resolve_command(ctx, args)
        ctx.meta.setdefault(WORDS, []).append(name)
        return name, command, rest
