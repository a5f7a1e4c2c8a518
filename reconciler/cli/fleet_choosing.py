"""What the `fleet` commands share: which fleet, which of its organisations, and that nothing is wrong with either."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from reconciler.app.executing import PARALLEL
from reconciler.cli.completing import fleet_names
from reconciler.cli.session import ORGANISATIONS_FROM, Session
from reconciler.core.fleet.manifests import Checked, tell_once
from reconciler.core.fleet.selecting import select
from reconciler.core.fleet.sharding import in_shard, read_shard
from reconciler.errors import ExitCode
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.excerpt import Excerpt
from reconciler.model.fleet import FLEET_RULES, Organisation, Shard
from reconciler.model.invalid import InvalidManifestsError
from reconciler.wiring.checked import excerpts_of
from reconciler.wiring.engine import LOCAL, require_engine
from reconciler.wiring.files import allow_many_files
from reconciler.wiring.fleet import FleetManifests, FleetWorkspace, open_fleet

_Function = TypeVar("_Function", bound=Callable[..., Any])
_ENGINE: Final = "RECONCILER_ENGINE"


class InvalidFleetError(InvalidManifestsError):
    """A fleet's table has errors, perhaps its manifests too; nothing else is done while they do."""

    exit_code = ExitCode.REFUSED_CONFIGURATION

    def __init__(
        self,
        name: str,
        files: int,
        diagnostics: Sequence[Diagnostic],
        excerpts: Sequence[Excerpt | None],
        done: str = "planned",
    ) -> None:
        super().__init__(files, diagnostics, excerpts)
        self.message = f"the table of fleet `{name}` has mistakes, so nothing was {done}"
        self.hint = f"`reconciler fleet validate {name}` checks it"


def fleet_options(function: _Function) -> _Function:
    """Add the argument NAME, `--only`, `--shard` and `--organisations-from`."""
    for option in (
        click.option(
            "--organisations-from",
            "command",
            metavar="COMMAND",
            envvar=ORGANISATIONS_FROM,
            help="Have this command print the table of organisations. Run without a shell. "
            f"[environment: {ORGANISATIONS_FROM}]",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="PATTERN",
            help="Only these organisations; label:PATTERN means labels; * and ? match. Repeatable.",
        ),
        click.option(
            "--shard",
            metavar="K/N",
            callback=lambda _context, _option, text: None if text is None else read_shard(text),
            help="Only the K-th of N parts, for N machines that share the work.",
        ),
        click.argument("name", metavar="NAME", shell_complete=fleet_names),
    ):
        function = option(function)
    return function


parallel_option: Final = click.option(
    "--parallel",
    type=click.IntRange(min=1),
    metavar="N",
    default=PARALLEL,
    show_default=True,
    help="Work on so many organisations at a time; one that waits for its limit does not count.",
)


def _engine(_context: click.Context, _parameter: click.Parameter, engine: str) -> str:
    return require_engine(engine)


engine_option: Final = click.option(
    "--engine",
    metavar="ADDRESS",
    default=LOCAL,
    show_default=True,
    envvar=_ENGINE,
    callback=_engine,
    help=f"Have a running cluster do the work: tcp://HOST:8786 or tls://HOST:8786. [environment: {_ENGINE}]",
)


def opened(session: Session, name: str, command: str | None) -> FleetWorkspace:
    """Open the repository with the fleet that was asked for."""
    session.refuse_below_a_root()
    allow_many_files()
    return open_fleet(session.root, name, command=command)


def chosen(within: FleetWorkspace, only: tuple[str, ...], shard: Shard | None) -> tuple[Organisation, ...]:
    """Return the organisations that are meant; all that are whole where the table has mistakes, which come first."""
    fleet = within.fleet
    if fleet.diagnostics:
        return fleet.organisations
    return in_shard(select(fleet.organisations, only), shard)


def check_manifests(
    within: FleetWorkspace, manifests: FleetManifests, organisations: Sequence[Organisation]
) -> tuple[int, tuple[Diagnostic, ...]]:
    """Read the manifests for each organisation; return how many there are, and all that is wrong with them."""
    groups: dict[int, list[Organisation]] = {}
    loaded = {}
    for each in organisations:
        found = manifests.of(each)
        loaded[id(found)] = found
        groups.setdefault(id(found), []).append(each)
    checked = [Checked(tuple(group), loaded[key].diagnostics) for key, group in groups.items()]
    files = max((each.files for each in loaded.values()), default=0)
    return files, tell_once(checked, table=within.fleet.table)


def outcome(diagnostics: Sequence[Diagnostic]) -> ExitCode:
    """Return what mistakes come to: those of the table are graver than those of manifests, warnings are nothing."""
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    if any(each.rule in FLEET_RULES for each in errors):
        return ExitCode.REFUSED_CONFIGURATION
    return ExitCode.INVALID if errors else ExitCode.DONE


def refuse_bad_table(within: FleetWorkspace, done: str) -> None:
    """Refuse to go on where anything is wrong with the table; `done` is what was not done."""
    found = within.fleet.diagnostics
    if outcome(found) is not ExitCode.DONE:
        shown = excerpts_of(within.any_workspace, found, given={})
        raise InvalidFleetError(within.fleet.name, 0, found, shown, done)
