"""What is being applied when a process is killed: each plot sets a repository up, and then edits its manifests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.sandbox.switches import Lookup, Switches
from tests.scenarios.workbench import Repository, after_sequence, email, reaching, sms


def _nothing(_: Repository) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """`before` is applied in peace; `edit` is what the runs that are killed apply.

    `created` are the custom_ids that get a sequence by it, `updated` those of which one is changed, `canceled` those of
    which one is stopped, `released` those that are not recorded any more.
    """

    name: str
    edit: Callable[[Repository], None]
    before: Callable[[Repository], None] = _nothing
    switches: Switches = field(default_factory=Switches)
    created: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    canceled: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()


def _three(repository: Repository) -> None:
    repository.write("alpha")
    repository.write("beta", steps=[sms()])
    repository.write("gamma", filter=reaching(after_sequence("alpha")))


def _four(repository: Repository) -> None:
    for name in ("alpha", "beta", "gamma", "delta"):
        repository.write(name)


def _four_edited(repository: Repository) -> None:
    for number, name in enumerate(("alpha", "beta", "gamma", "delta")):
        repository.write(name, name=f"Edited {number}", steps=[email("Edited")])


def _mixed(repository: Repository) -> None:
    repository.write("alpha", filter=reaching(after_sequence("fresh")))
    repository.remove("beta")
    repository.write("renamed", reconciler={"renamed_from": "beta"})
    repository.write("gamma", steps=[email("Edited"), sms(delay=5)])
    repository.write("fresh")
    repository.write("last", filter=reaching(after_sequence("renamed"), after_sequence("fresh")))


def _retiring(repository: Repository) -> None:
    repository.write("alpha", name="Edited")
    repository.write("beta", reconciler={"retire": "cancel"})
    repository.write("gamma", reconciler={"retire": "release"})


_OFF: Final = Switches(lookup=Lookup.OFF)
_CREATES: Final = frozenset({"alpha", "beta", "gamma"})
PLOTS: Final[Mapping[str, Plot]] = {
    plot.name: plot
    for plot in (
        Plot(name="creates", edit=_three, created=_CREATES),
        Plot(name="creates, no look-up", edit=_three, created=_CREATES, switches=_OFF),
        Plot(name="updates", before=_four, edit=_four_edited, updated=frozenset({"alpha", "beta", "gamma", "delta"})),
        Plot(
            name="mixed",
            before=_four,
            edit=_mixed,
            created=frozenset({"fresh", "last"}),
            updated=frozenset({"alpha", "renamed", "gamma"}),
        ),
        Plot(
            name="mixed, no look-up",
            before=_four,
            edit=_mixed,
            created=frozenset({"fresh", "last"}),
            updated=frozenset({"alpha", "renamed", "gamma"}),
            switches=_OFF,
        ),
        Plot(
            name="retires",
            before=_four,
            edit=_retiring,
            updated=frozenset({"alpha"}),
            canceled=frozenset({"beta"}),
            released=frozenset({"gamma"}),
        ),
    )
}
