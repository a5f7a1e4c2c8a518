"""The command line: global options, commands that are imported when they are called, and the one way out."""

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from click.shell_completion import CompletionItem

from reconciler import __version__
from reconciler.cli import completing
from reconciler.cli.group import WORDS, Group
from reconciler.cli.running import ended
from reconciler.cli.session import Session
from reconciler.cli.shortcut import COMPLETING
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ExitCode


class Entry(NamedTuple):
    """Where a command is, and what the list of commands says of it, which must not cost an import."""

    module: str
    summary: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "init": Entry("reconciler.cli.init", "Lay out a new repository."),
    "validate": Entry("reconciler.cli.validate", "Check the manifests."),
    "fmt": Entry("reconciler.cli.fmt", "Write the manifests in canonical form."),
    "plan": Entry("reconciler.cli.plan", "Show what applying would change."),
    "apply": Entry("reconciler.cli.apply", "Carry out a plan."),
    "undo": Entry("reconciler.cli.undo", "Plan to put back what stood there before a run, and carry that out."),
    "import": Entry("reconciler.cli.import_", "Write the manifests of live sequences, and record them."),
    "show": Entry("reconciler.cli.show", "Draw a saved plan."),
    "compare": Entry("reconciler.cli.compare", "Show how two environments differ."),
    "drift": Entry("reconciler.cli.drift", "Compare live with what is recorded; set drift back."),
    "comment": Entry("reconciler.cli.comment", "Keep one comment with the plan on a pull request."),
    "fleet": Entry("reconciler.cli.fleet", "Keep the same sequences in many organisations."),
    "state": Entry("reconciler.cli.state", "Look into what is recorded; decide what is never inferred."),
    "explain": Entry("reconciler.cli.explain", "Say why a rule is there, with examples."),
    "schema": Entry("reconciler.cli.schema", "Print the manifest schema; build what is derived from the contract."),
    "sandbox": Entry("reconciler.cli.sandbox", "Look into the embedded simulator, poke it, or serve it over HTTP."),
    "completion": Entry("reconciler.cli.completion", "Print the script that completes commands and names in a shell."),
    "demo": Entry("reconciler.cli.demo", "See the main job, narrated, on a copy of the examples."),
}


class LazyGroup(Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name].module).command
        assert isinstance(command, click.Command)  # noqa: S101 - a promise among our own modules
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for one that does not exist."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            hint = did_you_mean(name, COMMANDS) or "there are: " + ", ".join(COMMANDS)
            ctx.fail(f"no such command `{name}`; {hint}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without importing any, and the options before them."""
        named = [(name, entry.summary) for name, entry in COMMANDS.items() if name.startswith(incomplete)]
        return [CompletionItem(name, help=summary) for name, summary in named] + click.Command.shell_complete(
            self, ctx, incomplete
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reconciler")
@click.option(
    "-C",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Work as if started in this folder.",
)
@click.option(
    "--env",
    "environment",
    metavar="NAME",
    help="Environment of reconciler.toml, or FLEET/ORGANISATION.",
    shell_complete=completing.environment_names,
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
@click.option("-v", "--verbose", is_flag=True, help="Show whole values.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback for an internal error.")
@click.pass_context
def cli(ctx: click.Context, /, directory: Path, **options: Any) -> None:
    """Keep OpenCX sequences in a repository: check them, plan, review, and apply exactly that plan.

    Begin with `reconciler demo`, or `reconciler init`.
    """
    if options["verbose"] and options["quiet"]:
        raise click.UsageError("-v and -q contradict each other")
    if not directory.is_dir():
        raise click.BadParameter(f"there is no folder {directory}", param_hint="-C")
    ctx.obj = Session(root=directory.resolve(), **options)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing is ever raised."""
    words: list[str] = []
    return ended(lambda: _invoke(arguments, words), arguments, words)


def _invoke(arguments: Sequence[str], words: list[str]) -> Any:
    # Not `cli.main`, which prints an empty line on Ctrl-C and has an ending of its own for a closed pipe.
    with cli.make_context("reconciler", list(arguments)) as context:
        context.meta[WORDS] = words
        return cli.invoke(context)


def is_asked_by_a_shell() -> bool:
    """Tell whether the program was started because somebody pressed Tab."""
    return COMPLETING in os.environ


def complete() -> int:
    """Answer a shell that asks what the line being typed could go on with."""
    completing.answer(cli)
    return ExitCode.DONE
