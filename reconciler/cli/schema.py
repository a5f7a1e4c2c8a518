"""`reconciler schema`, and `reconciler schema build`."""

import click

from reconciler.adapters.schemas.build import stale, write
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.cli.session import emit, say
from reconciler.errors import ConfigurationError, ExitCode


@click.group("schema", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Print the JSON Schema of a manifest, for editors and other checkers."""
    if ctx.invoked_subcommand is None:
        emit((schemas_folder() / SEQUENCE_SCHEMA).read_text(encoding="utf-8"))


@command.command("build")
@click.option("--check", is_flag=True, help="Write nothing; fail when a derived file is stale.")
def build(*, check: bool) -> ExitCode:
    """Derive the schemas anew from the bundled contract, `openapi/update-sequence.yaml`."""
    folder = schemas_folder()
    if not check:
        written = write(folder)
        say(f"written in {folder}: {', '.join(written)}" if written else "everything was up to date")
        return ExitCode.DONE
    names = stale(folder)
    if names:
        raise ConfigurationError(
            f"stale, since the contract or the code that derives them has changed: {', '.join(names)}",
            hint="run `reconciler schema build` and commit what it writes",
        )
    say("every derived schema is up to date")
    return ExitCode.DONE
