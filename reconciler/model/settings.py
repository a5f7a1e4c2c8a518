"""What `reconciler.toml` says, checked: the repository and its environments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.model.diagnostic import Severity
from reconciler.model.guards import NO_GUARDS, Guards
from reconciler.model.risk_class import RiskClass
from reconciler.model.waves import DEFAULT_WAVES, WaveSettings

SANDBOX: Final = "sandbox"
VENDOR_URL: Final = "https://api.open.cx"
CONFIG_FILE: Final = "reconciler.toml"
PRIVATE_FOLDER: Final = ".reconciler"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `requests` in any `seconds`; 0 requests means no limit."""

    requests: int = 100
    seconds: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `settle` is how long a server that fell silent may still act."""

    connect: float = 10
    request: float = 60
    settle: float = 5
    run: float = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSettings:
    """What the lint of messages knows of this organisation, and what it says aloud.

    `severities` are those that were changed, by rule id; None is off. `template_tokens` and `languages` are all that
    there are, None where nobody said; `staging_hosts` and `unsubscribe_marks` add to those that are known anyway.
    """

    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    template_tokens: tuple[str, ...] | None = None
    staging_hosts: tuple[str, ...] = ()
    unsubscribe_marks: tuple[str, ...] = ()
    languages: tuple[str, ...] | None = None
    longest_subject: int = 70
    most_sms_segments: int = 3
    longest_days: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSettings:
    """What `drift --correct` may do. `correct` is the gravest class that it sets back; None is none at all."""

    correct: RiskClass | None = RiskClass.R1


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One organisation. `api` is a URL without a trailing slash, or SANDBOX for the embedded one.

    `sandbox` is the embedded one's file in the private folder. `labels` are what manifests can be limited to.
    """

    name: str
    api: str
    api_key_env: str = "OPENCX_API_KEY"
    state: str
    rate_limit: RateLimit = field(default_factory=RateLimit)
    timeouts: Timeouts = field(default_factory=Timeouts)
    variables: Mapping[str, str] = field(default_factory=dict)
    guards: Guards = NO_GUARDS
    drift: DriftSettings = field(default_factory=DriftSettings)
    labels: tuple[str, ...] = ()
    sandbox: str = "sandbox.sqlite3"

    @property
    def is_sandbox(self) -> bool:
        """Tell whether this is the embedded sandbox."""
        return self.api == SANDBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """What `[fleets.NAME]` says. `organisations` is the table's file, `state` and `key` are templates of addresses,
    `waves` is how it is applied."""

    name: str
    environment: str
    state: str
    organisations: str | None = None
    key: str | None = None
    waves: WaveSettings = DEFAULT_WAVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A repository: its root, the manifests folder relative to it, and its environments and fleets by name."""

    root: Path
    manifests: str
    default_environment: str
    environments: Mapping[str, Environment]
    lint: LintSettings = field(default_factory=LintSettings)
    fleets: Mapping[str, FleetSettings] = field(default_factory=dict)
