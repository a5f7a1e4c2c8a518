"""The plan: ordered changes, what they were decided from, and what refuses them."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconciler.errors import ExitCode, gravest
from reconciler.model.change import Action, Change
from reconciler.model.guards import Override
from reconciler.model.risk import Affected, RiskClass
from reconciler.model.settings import RateLimit

FORMAT_VERSION: Final = "1.0"


class Refresh(StrEnum):
    """Which sequences are read from the API before deciding."""

    NONE = "none"
    CHANGED = "changed"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan was decided from. `manifests`, `schema` and `guards` are digests, `tool` is the
    version of reconciler; no lineage means that there is no state, no guards that none were set.
    `undo` is the digest of the run that the plan undoes, where it does."""

    lineage: str | None
    serial: int
    manifests: str
    refresh: Refresh
    endpoint: str
    schema: str
    tool: str
    only: tuple[str, ...] = ()
    adopt: bool = False
    guards: str | None = None
    overrides: tuple[Override, ...] = ()
    undo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Why a plan cannot be applied, or (as a warning) what a reader should know before it is."""

    rule: str
    message: str
    custom_id: str | None = None
    exit_code: ExitCode = ExitCode.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What refuses a proposal, and what would, were it not overridden."""

    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every change in the order of applying. `kept` counts the sequences of which there is nothing to say.

    `affected` are sequences that stay as they are, and whose audience moves with one that changes.
    `org_id` is the organisation that the key was seen to belong to, where anything was read. `pace` is the request
    limit that applying keeps to, of 0 requests where there is none; None where it is not known.
    """

    environment: str
    basis: Basis
    changes: tuple[Change, ...]
    kept: int
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    requests: int = 0
    org_id: str | None = None
    affected: tuple[Affected, ...] = ()
    pace: RateLimit | None = None

    @property
    def risk(self) -> RiskClass:
        """The gravest class of all that the plan changes or affects; R0 where that is nothing."""
        changed = [each.assessment.risk for each in self.changes if each.assessment is not None]
        return max([*changed, *(each.assessment.risk for each in self.affected)], default=RiskClass.R0)

    @property
    def can_apply(self) -> bool:
        """Tell whether nothing refuses the plan."""
        return not self.violations

    @property
    def has_work(self) -> bool:
        """Tell whether applying would write to the API or to state."""
        return any(change.has_work for change in self.changes)

    @property
    def has_differences(self) -> bool:
        """Tell whether repository, state and (where it was read) live are not all of one mind."""
        return bool(self.changes)

    @property
    def drifted(self) -> int:
        """How many sequences were moved behind the tool's back."""
        return sum(change.is_drifted for change in self.changes)

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return what the plan comes to: a refusal before differences, differences only if asked."""
        if self.violations:
            return gravest(violation.exit_code for violation in self.violations)
        return ExitCode.DIFFERENCES if detailed and self.has_differences else ExitCode.DONE

    def count(self, action: Action) -> int:
        """How many sequences get this action, those of which there is nothing to say included."""
        listed = Counter(change.action for change in self.changes)[action]
        return listed + (self.kept if action is Action.KEEP else 0)
