"""`reconciler fleet drift`."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from reconciler.app.ending import ending_of
from reconciler.app.executing import Threads
from reconciler.app.fleet_drift import look_at_fleet
from reconciler.app.watching import OfMany
from reconciler.cli.ending import say_error
from reconciler.cli.fleet_choosing import (
    chosen,
    engine_option,
    fleet_options,
    opened,
    parallel_option,
    refuse_bad_table,
)
from reconciler.cli.fleet_drawn import FORMATS, drift_drawn, drift_text, write_set
from reconciler.cli.issue import keep_fleet_issue, open_forge
from reconciler.cli.planning import override_options
from reconciler.cli.progress import Meter
from reconciler.cli.session import Session, emit_all, format_option, pass_session
from reconciler.errors import ExitCode, ReconcilerError, UsageError, gravest
from reconciler.model.drift_set import DriftSet
from reconciler.model.errand import Asked, Errand, ToLook
from reconciler.model.plan import Refresh
from reconciler.ports import Executor
from reconciler.signals import diverted
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.engine import executor_on
from reconciler.wiring.errands import Workshop
from reconciler.wiring.fleet import FleetManifests, check_keys
from reconciler.wiring.planning import overridden

_STOPPING: Final = "stopping: finishing what is under way; once more stops at once"


@click.command("drift")
@fleet_options
@click.option("--budget", type=click.IntRange(min=1), metavar="N", help="Make N requests at most in each organisation.")
@click.option("--known", is_flag=True, help="Only what an earlier look has not found as recorded.")
@click.option("--correct", "corrects", is_flag=True, help="Set back what each one's environment allows.")
@override_options
@click.option("--yes", is_flag=True, help="Needed with --correct: nobody is asked.")
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON report there too."
)
@click.option("--issue", "keeps_issue", is_flag=True, help="Keep one issue about it, where a CI of a forge runs this.")
@click.option("--author", metavar="LOGIN", help="Whose issues count. [default: whose the token is]")
@parallel_option
@engine_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is drift.")
@pass_session
def command(session: Session, /, **asked: Any) -> ExitCode:
    """Read live in every organisation of a fleet and compare it with what is recorded there.

    What fails in one organisation is told of that one; the others are looked at all the same. The exit code is the
    gravest of theirs.
    """
    _refuse_what_cannot_be_meant(asked)
    ci = open_forge(session) if asked["keeps_issue"] else None
    drift = _looked(session, asked)
    if asked["out"] is not None:
        write_set(session.root / asked["out"], drift_text(drift))
    emit_all(drift_drawn(session, drift, asked["format_"]))
    code = drift.exit_code(detailed=asked["detailed_exitcode"])
    if ci is None:
        return code
    try:
        keep_fleet_issue(session, ci, drift, author=asked["author"])
    except ReconcilerError as error:
        # The report stands all the same.
        say_error(error, session.paint(sys.stderr))
        return gravest([code, error.exit_code])
    return code


def _refuse_what_cannot_be_meant(asked: Mapping[str, Any]) -> None:
    if asked["corrects"] and not asked["yes"]:
        raise UsageError(
            "a fleet's drift is set back while it is looked at, and nobody can be asked about each organisation",
            hint="look first without --correct, then add --yes",
        )
    if asked["keeps_issue"] and asked["corrects"]:
        raise UsageError("an issue is about what a look finds", hint="run `--issue` once more after setting back")
    if asked["keeps_issue"] and (asked["only"] or asked["shard"] is not None):
        raise UsageError("the issue is about the whole fleet", hint="leave --only and --shard out, or --issue")


def _looked(session: Session, asked: Mapping[str, Any]) -> DriftSet:
    overrides = overridden(asked["override"], asked["reason"])
    within = opened(session, asked["name"], asked["command"])
    organisations = chosen(within, asked["only"], asked["shard"])
    within = check_keys(within, ask_keyring=True)[1]
    refuse_bad_table(within, "looked at")
    task = ToLook(budget=asked["budget"], known_only=asked["known"], corrects=asked["corrects"])
    now = SystemClock.moment()
    wanted = Asked(refresh=Refresh.ALL, overrides=overrides)
    errands = [Errand.of(asked["name"], each, asked=wanted, now=now, task=task) for each in organisations]
    workshop = Workshop(within, FleetManifests(within))
    silent = session.quiet or asked["format_"] == "json"
    with Meter(session, "Looking", len(errands), silent=silent, at_once=False) as meter:
        watch = OfMany(waiting=meter.waiting, notice=meter.notice)
        local = Threads(workshop.perform, watch, parallel=asked["parallel"])
        there = executor_on(asked["engine"], session.root, watch, local=local)
        with there as executor, _stopping(executor, meter):
            return look_at_fleet(
                asked["name"],
                errands,
                executor,
                moment=now,
                only=tuple(sorted(set(asked["only"]))),
                shard=asked["shard"],
                progress=meter.step,
            )


@contextmanager
def _stopping(executor: Executor, meter: Meter) -> Iterator[None]:
    """Have a signal wind up what is under way, and say so; a second one would not wait."""
    said: list[threading.Thread] = []

    def stop(signal: BaseException) -> None:
        executor.stop(ending_of(signal))
        # In a thread of its own: the signal may have come while this one was writing.
        said.append(threading.Thread(target=meter.notice, args=(_STOPPING,), daemon=True))
        said[0].start()

    with diverted(stop):
        yield
    for each in said:
        each.join()
