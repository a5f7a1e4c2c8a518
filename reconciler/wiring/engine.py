"""An executor that hands errands to a running engine. An errand names its organisation and what to do; never a key."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.codec.errand import errand_document, read_done
from reconciler.core.codec.plan_set import failure_document
from reconciler.errors import ConfigurationError, ExitCode, UsageError
from reconciler.model.errand import INTERNAL, LOST, Done, Errand, not_begun
from reconciler.model.plan_set import Failure
from reconciler.ports import Executor, Watch
from reconciler.wiring.engine_worker import carry, describe, require_alike
from reconciler.wiring.telemetry import traceparent

if TYPE_CHECKING:
    from reconciler.adapters.engine.connection import Connection
    from reconciler.adapters.engine.run import Ending
    from reconciler.adapters.engine.task import Document

LOCAL: Final = "local"
_SCHEMES: Final = ("tcp://", "tls://")
_GONE: Final = "the engine is gone"


def require_engine(engine: str) -> str:
    """Return what was given for an engine; UsageError where it is neither `local` nor an address."""
    if engine == LOCAL or engine.startswith(_SCHEMES):
        return engine
    raise UsageError(
        f"`{engine}` is no engine: it is `{LOCAL}`, or a scheduler's address",
        hint="an address looks like tcp://HOST:8786 or tls://HOST:8786",
    )


@contextmanager
def executor_on(engine: str, root: Path, watch: Watch, *, local: Executor) -> Iterator[Executor]:
    """Have the executor for the length of a block that is meant by `engine`: the local one, or one on an engine."""
    if engine == LOCAL:
        yield local
        return
    with on_engine(engine, root, watch) as executor:
        yield executor


@contextmanager
def on_engine(address: str, root: Path, watch: Watch) -> Iterator[Executor]:
    """Connect to an engine for the length of a block, and see that each of its workers can do what is asked for.

    UnavailableError where no engine answers, or it has no worker; ConfigurationError where a worker is unlike this
    process.
    """
    try:
        from reconciler.adapters.engine.connection import connected, described
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("distributed", "dask"):
            raise
        raise ConfigurationError(
            "an engine needs the extra: pip install 'reconciler[engine]'", hint="or leave --engine out"
        ) from None
    ours = describe(str(root.resolve()))
    with connected(address) as connection:
        for worker, said in described(connection, describe, ours["root"], address=address).items():
            require_alike(ours, said, f"the worker at {worker}")
        yield OnEngine(connection, ours, watch)


class OnEngine:
    """Has errands done by the workers of an engine (an Executor of the ports)."""

    def __init__(self, connection: "Connection", ours: "Document", watch: Watch) -> None:
        self._connection = connection
        self._ours = ours
        self._watch = watch
        self._running: list[_Running] = []
        self._why: Failure | None = None

    def run(self, errands: Iterable[Errand]) -> Iterator[Done]:
        """Return what came of each as it comes."""
        running = _Running(self._connection, self._ours, self._watch, {each.organisation: each for each in errands})
        self._running.append(running)
        if self._why is not None:
            running.stop(self._why)
        return running

    def stop(self, why: Failure) -> None:
        """Begin nothing more, and have what is under way wind up."""
        self._why = why
        for each in self._running:
            each.stop(why)


class _Running:
    """One run of errands on an engine; an organisation has one in it."""

    def __init__(self, connection: "Connection", ours: "Document", watch: Watch, errands: dict[str, Errand]) -> None:
        from reconciler.adapters.engine.run import EngineRun

        self._left = errands
        self._watch = watch
        self._why: Failure | None = None
        run = f"reconciler-{uuid.uuid4().hex[:12]}"
        self._engine = EngineRun(connection, run, work=carry, hear=self._hear, notice=watch.notice)
        same = {"root": ours["root"], "run": run, "here": ours, "trace": traceparent()}
        self._documents = {
            name: {**same, "organisation": name, "errand": errand_document(each)} for name, each in errands.items()
        }
        self._is_started = False

    def __iter__(self) -> Iterator[Done]:
        return self

    def __next__(self) -> Done:
        if not self._is_started:
            self._start()
        if not self._left:
            self._engine.close()
            raise StopIteration
        ending = self._engine.next_ending()
        if ending is None:  # none was begun
            _, errand = self._left.popitem()
            return not_begun(errand, self._why or _not_begun(_GONE))
        return self._done(self._left.pop(ending.name), ending)

    def stop(self, why: Failure) -> None:
        """Begin nothing more, and have what is under way wind up."""
        self._why = why
        self._engine.stop(failure_document(why))

    def _start(self) -> None:
        self._is_started = True
        if self._why is None:
            self._engine.start(self._documents)

    def _done(self, errand: Errand, ending: "Ending") -> Done:
        from reconciler.adapters.engine.run import Fate

        match ending.fate:
            case Fate.DONE if ending.document is not None:
                return read_done(ending.document)
            case Fate.NOT_BEGUN:
                return not_begun(errand, self._why or _not_begun(ending.reason))
            case Fate.BROKEN if not errand.may_write:
                failure = Failure(kind=INTERNAL, exit_code=ExitCode.INTERNAL, message=ending.reason, hint=None)
            case _:
                failure = _lost(errand, ending.reason)
        return Done(organisation=errand.organisation, result=failure)

    def _hear(self, name: str, told: "Document") -> None:
        """Pass on what a worker tells; called in a thread of the connection's."""
        del name
        match told:
            case {"stopping": flying}:
                self._watch.stopping(flying)
            case {"waiting": [seconds, reason]}:
                self._watch.waiting(seconds, reason)
            case {"requested": is_throttled}:
                self._watch.requested(is_throttled=is_throttled)
            case {"notice": text}:
                self._watch.notice(text)


def _not_begun(reason: str) -> Failure:
    return Failure(
        kind=LOST, exit_code=ExitCode.UNAVAILABLE, message=reason, hint="see to the engine, then run it again"
    )


def _lost(errand: Errand, reason: str) -> Failure:
    """Return the failure of an errand of which nobody knows how far it came."""
    if not errand.may_write:
        return Failure(
            kind=LOST, exit_code=ExitCode.UNAVAILABLE, message=reason, hint="see to the engine, then run it again"
        )
    return Failure(
        kind=LOST,
        exit_code=ExitCode.UNKNOWN,
        message=f"nobody knows how far it came: {reason}",
        hint="see to the engine, then plan it again: its state and its journal know what was done",
    )
