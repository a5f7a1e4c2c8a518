"""A person in the dashboard, day after day: now and then an edit, sometimes regretted, sometimes insisted on."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from reconciler.sandbox.jsonbody import JsonObject
from tests.simulation.manifests import payload
from tests.simulation.world import World

DAY: Final = 86_400.0
TEXT: Final = "/steps/0/action/data/message"
# What is set back by itself, and what is only told: R1 and graver.
COPY: Final = ("/name", TEXT)
GRAVE: Final = ("/steps/0/delay_in_minutes", "/filter")


@dataclass
class Person:
    """Who edits live: `often` is the chance of an edit on a day, `stubborn` that of insisting on one from then on."""

    world: World
    random: Random
    often: float
    stubborn: float
    # What they insist on: by custom_id and pointer, the value, and until when.
    insists: dict[tuple[str, str], tuple[Any, float]] = field(default_factory=dict)

    def live_a_day(self, begin: float) -> None:
        """Decide what happens between now and a day from now, each thing at a moment of its own."""
        random, now = self.random, self.world.scheduler.now
        if random.random() < self.often:
            self._at(begin + random.uniform(0, DAY) - now, self._edit)
        if random.random() < 0.2:
            self._at(begin + random.uniform(0, DAY) - now, self._regret)
        self.insists = {key: each for key, each in self.insists.items() if each[1] > now}
        for _ in range(random.randint(1, 4) if self.insists else 0):
            self._at(begin + random.uniform(0, DAY) - now, self._look_after_it)

    def leave(self) -> None:
        """Do nothing any more."""
        self.often, self.insists = 0.0, {}

    def _at(self, seconds: float, do: Any) -> None:
        self.world.scheduler.at(max(seconds, 0.0), lambda: self._unless_writing(do))

    def _unless_writing(self, do: Any) -> None:
        """Keep off while something is written: an edit between a write and its being read back is told apart by none.

        The schedules of faults have those.
        """
        if any(run.process.alive and run.stage == "apply" for run in self.world.runs[-1:]):
            self._at(60.0, do)
        else:
            do()

    def _edit(self) -> None:
        random = self.random
        pointer = random.choice(COPY if random.random() < 0.9 else GRAVE)
        name = random.choice(sorted(self.world.manifests))
        value = self._another(pointer)
        self._set(name, pointer, value)
        if pointer in COPY and random.random() < self.stubborn:
            self.insists[name, pointer] = (value, self.world.scheduler.now + random.uniform(2, 30) * DAY)

    def _another(self, pointer: str) -> Any:
        number = self.random.randrange(1000)
        match pointer:
            case "/filter":
                return {"or": [{"and": [{"type": "contact_belongs_to_segment", "segment_id": f"by-hand-{number}"}]}]}
            case "/steps/0/delay_in_minutes":
                return 1000 + number
            case _:
                return f"By hand {number}"

    def _regret(self) -> None:
        """Put everything of one sequence back as the manifest has it."""
        name = self.random.choice(sorted(self.world.manifests))
        wanted = payload(self.world.manifests[name])
        for pointer in (*COPY, *GRAVE):
            self._set(name, pointer, at(wanted, pointer))
            self.insists.pop((name, pointer), None)

    def _look_after_it(self) -> None:
        """Set again what somebody has set back."""
        for (name, pointer), (value, _) in sorted(self.insists.items()):
            self._set(name, pointer, value)

    def _set(self, name: str, pointer: str, value: Any) -> None:
        found = self.world.simulator.find(name)
        if found is None or _same(at(found, pointer), value):
            return
        self.world.touch(f"edit {pointer}", name, lambda: self.world.simulator.edit(name, {pointer: value}))


def at(body: JsonObject, pointer: str) -> Any:
    """Return the value at a pointer."""
    found: Any = body
    for part in pointer[1:].split("/"):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def _same(one: Any, other: Any) -> bool:
    return (one.strip() == other.strip()) if isinstance(one, str) and isinstance(other, str) else bool(one == other)
