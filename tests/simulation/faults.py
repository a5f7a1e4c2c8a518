"""What can go wrong, how likely it is in this schedule, and how often each kind was met in each phase."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

# Where a fault can meet a run.
PHASES = ("plan", "look", "write", "readback", "probe", "store", "lock")
NETWORK_PHASES = PHASES[:5]

# Not delivered: nothing reaches the server. Delivered: the server acts, and what comes back is spoilt.
UNDELIVERED = ("refused", "lost before", "slow reply refused")
KINDS: dict[str, str] = {
    # kind: which methods it can meet ("any", "GET", "write")
    "refused connection": "any",
    "no answer, not delivered": "any",
    "no answer, delivered": "any",
    "no answer, delivered late": "write",
    "reset after delivery": "any",
    "429 with seconds": "any",
    "429 with a date": "any",
    "429 without a header": "any",
    "429 with rubbish": "any",
    "429 with a huge wait": "any",
    "429 as HTML": "any",
    "500 before": "any",
    "502 before": "any",
    "503 before": "any",
    "504 before": "any",
    "500 after": "write",
    "502 after": "write",
    "503 after": "write",
    "504 after": "write",
    "401": "any",
    "403": "any",
    "404": "any",
    "408 before": "any",
    "408 after": "write",
    "409": "write",
    "412": "write",
    "422": "write",
    "400": "write",
    "redirect": "any",
    "redirect after": "write",
    "HTML instead": "any",
    "HTML after": "any",
    "not JSON": "any",
    "cut off": "any",
    "empty": "any",
    "wrong shape": "any",
    "another id": "any",
    "no id": "any",
    "slow": "any",
}
# Seldom, since each of them ends the run.
RARE = frozenset({"401", "403", "429 with a huge wait", "refused connection"})
STORE_KINDS = ("fails before", "fails after", "moved")
# Kinds that lie about whether a sequence is there: a person who looked would say otherwise.
LIES = frozenset({"404"})

# The heart of the matter: nobody knows whether a write arrived, or when it will.
_SILENCE = (
    "no answer, delivered",
    "no answer, delivered late",
    "no answer, delivered late",
    "no answer, not delivered",
)

FOR_GET = tuple(kind for kind, methods in KINDS.items() if methods in ("any", "GET"))
FOR_WRITE = tuple(kind for kind, methods in KINDS.items() if methods in ("any", "write"))


@dataclass
class Faults:
    """The faults of one schedule: `network` and `store` are the chances that one request or operation meets one."""

    random: Random
    network: float = 0.0
    store: float = 0.0
    # One outage: everything from here to there (seconds) fails.
    outage: tuple[float, float] | None = None
    # A few kinds only, so that one of them comes often enough to meet itself.
    chosen: frozenset[str] | None = None
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    enabled: bool = True

    def of_request(self, phase: str, *, writes: bool, now: float) -> str | None:
        """Return the kind of fault that a request meets, counted; None for none."""
        if not self.enabled:
            return None
        if self.outage is not None and self.outage[0] <= now < self.outage[1]:
            return self.count("503 before", phase)
        if not self.network or self.random.random() >= self.network:
            return None
        kinds = FOR_WRITE if writes else FOR_GET
        if writes and self.random.random() < 0.3:
            kinds = _SILENCE
        kind = kinds[self.random.randrange(len(kinds))]
        if kind in RARE and self.random.random() < 0.7:
            return None
        if self.chosen is not None and kind not in self.chosen:
            return None
        return self.count(kind, phase)

    def of_store(self, phase: str, *, writes: bool) -> str | None:
        """Return the kind of fault that an operation of the store meets, counted; None for none."""
        if not self.enabled or not self.store or self.random.random() >= self.store:
            return None
        kind = STORE_KINDS[self.random.randrange(len(STORE_KINDS))] if writes else "fails before"
        return self.count(kind, phase)

    def count(self, kind: str, phase: str) -> str:
        """Count a fault, and return its kind."""
        self.met[kind, phase] += 1
        return kind
