"""The lock on a state: who holds it, where, since when and for what. It never expires by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold of the lock.

    `nonce` names this hold alone. `who` and `host` are for people. `process` identifies the process for good on its
    machine (start of the machine, process namespace, process id, start of the process), `run` the CI run it belongs
    to, `engine` the engine and the worker of it that the process is; all are opaque and only compared by what proves
    that a holder is gone. `url` is where that run can be seen.
    """

    nonce: str
    purpose: str
    since: str
    who: str
    host: str
    process: str | None = None
    run: str | None = None
    engine: str | None = None
    url: str | None = None
