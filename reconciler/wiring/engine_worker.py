"""The far side of an executor on an engine: what a worker says of itself, and how it does an errand.

A worker takes the keys, the endpoint and the manifests from its own checkout; that it is the same one is proved by the
digest of the plan that it makes. Nothing is raised: whatever comes of an errand goes back as a document.
"""

import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import reconciler
from reconciler.adapters.holders.identity import machine
from reconciler.app.stop import Stop
from reconciler.app.watching import Nobody
from reconciler.core.codec.errand import done_document, read_errand
from reconciler.core.codec.plan_set import read_failure
from reconciler.errors import ConfigurationError, ExitCode, ReconcilerError
from reconciler.model.errand import STOPPED, Done, Errand, ToApply, broken
from reconciler.model.plan_set import Failure
from reconciler.model.settings import CONFIG_FILE
from reconciler.wiring.errands import Workshop, open_workshop
from reconciler.wiring.telemetry import following
from reconciler.wiring.workspace import contract_digest

if TYPE_CHECKING:
    from reconciler.adapters.engine.task import Assignment, Document, Tell

# Where a worker's checkout is, where that is not the path of whoever hands out the errands.
ROOT_VARIABLE: Final = "RECONCILER_ROOT"
_SAME_VERSION: Final = "install the same version wherever errands are done"
_FILE: Final = "file:"
# Runs whose manifests a worker keeps in memory: the one at hand, and perhaps a second one beside it.
_KEPT: Final = 2

_workshops: "OrderedDict[tuple[str, str], Workshop]" = OrderedDict()
_opening: Final = threading.Lock()


def describe(root: str) -> "Document":
    """Return what this process would work with, for whoever would hand it errands of the repository at `root`."""
    there = os.environ.get(ROOT_VARIABLE, root)
    return {
        "version": reconciler.__version__,
        "contract": contract_digest(),
        "root": there,
        "place": f"{machine() or socket.gethostname()}:{there}",
        "is_configured": (Path(there) / CONFIG_FILE).is_file(),
    }


def carry(given: "Assignment") -> "Document":
    """Do an errand on this worker."""
    asked = given.document
    organisation = str(asked["organisation"])
    stop = Stop()
    try:
        require_alike(asked["here"], describe(asked["root"]), "this worker")
        with given.stop.waking(lambda why: stop.set(_failure(why))), following(asked.get("trace")):
            done = _done(asked, given, stop)
    except ReconcilerError as error:
        done = Done(organisation=organisation, result=Failure.of(error))
    except Exception as bug:  # noqa: BLE001 - it ends this organisation's errand, and nobody else's
        done = Done(organisation=organisation, result=broken(bug))
    return done_document(done)


def require_alike(ours: Mapping[str, Any], theirs: Mapping[str, Any], worker: str) -> None:
    """ConfigurationError where a worker cannot do what is asked for here; both are descriptions."""
    if theirs["version"] != ours["version"]:
        raise ConfigurationError(
            f"{worker} runs reconciler {theirs['version']}, and this is {ours['version']}", hint=_SAME_VERSION
        )
    if theirs["contract"] != ours["contract"]:
        raise ConfigurationError(
            f"{worker} has other schemas than this reconciler {ours['version']}", hint=_SAME_VERSION
        )
    if not theirs["is_configured"]:
        raise ConfigurationError(
            f"{worker} finds no {CONFIG_FILE} in {theirs['root']}",
            hint=f"a worker needs a checkout of the repository; {ROOT_VARIABLE} in its environment names its folder",
        )


def _done(asked: Mapping[str, Any], given: "Assignment", stop: Stop) -> Done:
    errand = read_errand(asked["errand"])
    if errand.state.startswith(_FILE) and describe(asked["root"])["place"] != asked["here"]["place"]:
        raise ConfigurationError(
            "its state is in a file, and a worker has another folder, or is on another machine",
            hint="keep state where every worker sees it: s3://BUCKET/{org}.json or git:refs/reconciler/{org}",
        )
    if given.is_again:
        given.tell({"notice": f"`{errand.organisation}` is taken over from a worker that is gone"})
        errand = _again(errand)
    return _workshop(asked["root"], asked["run"]).perform(errand, watch=_Telling(given.tell), stop=stop)


def _again(errand: Errand) -> Errand:
    """Return an errand that another worker had begun: a part of the reviewed plan was perhaps carried out."""
    if isinstance(errand.task, ToApply) and errand.task.document is not None:
        return replace(errand, task=replace(errand.task, is_resumed=True))
    return errand


def _workshop(root: str, run: str) -> Workshop:
    """Return what the errands of one run share in this process; manifests are read anew for each run."""
    there = os.environ.get(ROOT_VARIABLE, root)
    with _opening:
        found = _workshops.get((there, run))
        if found is None:
            found = _workshops[there, run] = open_workshop(Path(there))
            while len(_workshops) > _KEPT:
                _workshops.popitem(last=False)
        return found


class _Telling(Nobody):
    """Tells whoever handed out the errand (a Watch of the ports)."""

    def __init__(self, tell: "Tell") -> None:
        self._tell = tell

    def stopping(self, flying: int) -> None:
        """Tell that it winds up."""
        self._tell({"stopping": flying})

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell of a wait."""
        self._tell({"waiting": [seconds, reason]})

    def requested(self, *, is_throttled: bool) -> None:
        """Tell of a request."""
        self._tell({"requested": is_throttled})

    def notice(self, text: str) -> None:
        """Tell a sentence."""
        self._tell({"notice": text})


def _failure(why: "Document") -> Failure:
    """Return why an errand is to stop: as whoever stopped the run said it, or what its worker has noticed."""
    if "kind" in why:
        return read_failure(why)
    return Failure(kind=STOPPED, exit_code=ExitCode.TERMINATED, message=why["message"], hint=None)
