"""`reconciler fleet validate`."""

import click

from reconciler.cli.fleet_choosing import check_manifests, chosen, fleet_options, opened, outcome
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.cli.shortcut import FORMATS
from reconciler.cli.validating import Found, show
from reconciler.errors import ExitCode
from reconciler.model.fleet import Shard
from reconciler.view.words import counted
from reconciler.wiring.fleet import FleetManifests, check_keys


@click.command("validate")
@fleet_options
@format_option(*FORMATS)
@pass_session
def command(
    session: Session,
    *,
    name: str,
    only: tuple[str, ...],
    shard: Shard | None,
    command: str | None,
    format_: str,
) -> ExitCode:
    """Check the table of organisations, and all manifests with the variables of each of them.

    Nothing is asked over the network. Keys are looked for in variables and files, and two organisations may not have
    the same one; a key that is not there is no mistake.
    """
    within = opened(session, name, command)
    keys, within = check_keys(within, ask_keyring=False)
    organisations = chosen(within, only, shard)
    files, found = check_manifests(within, FleetManifests(within), organisations)
    diagnostics = tuple(sorted((*within.fleet.diagnostics, *found), key=lambda each: each.order))
    if format_ == "json":
        from reconciler.view.documents import diagnostics_document, json_text

        told = {**diagnostics_document(files, diagnostics), "fleet": name, "organisations": len(organisations)}
        emit(json_text(told if shard is None else {**told, "shard": str(shard)}))
        return outcome(diagnostics)
    show(session, within.any_workspace, format_, Found(files=files, diagnostics=diagnostics, given={}))
    if format_ in ("text", "concise") and not session.quiet:
        part = "" if shard is None else f", shard {shard}"
        say(f"Fleet {name}{part}: {counted(len(organisations), 'organisation')}, keys of {keys:,} found here.")
    return outcome(diagnostics)
