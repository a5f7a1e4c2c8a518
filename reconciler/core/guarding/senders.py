"""From whom e-mails may come: a typing error in a domain, or somebody else's, is seen before anybody receives it.

An address is never named, and neither is a name: what the manifest has there, the plan shows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.core.spelling import first_few
from reconciler.model.guards import Senders

_DOMAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangeSender:
    """A step that sends from where nothing may come from. `what` is the key; `found` a domain that may be shown."""

    custom_id: str
    step: int
    what: str
    found: str | None
    allowed: tuple[str, ...]
    remedy: str = "correct it in the manifest, or add it to `guards.senders`"

    @property
    def fact(self) -> str:
        """Which step it is, and what is allowed."""
        listed = first_few([f"`{each}`" for each in self.allowed], _MOST_NAMED)
        shown = f"from the domain `{self.found}`" if self.found else f"with another `{self.what}`"
        number = len(self.allowed)
        return f"step {self.step} sends {shown}, and `senders` allows {number}" + (f": {listed}" if listed else "")


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each step that would be written and sends from a domain or under a name that is not listed."""
    senders = proposal.guards.senders
    for change in proposal.writes if senders is not None else ():
        steps = [] if change.body is None else change.body.value["steps"]
        for number, step in enumerate(steps, start=1):
            data = step["action"]["data"]
            if senders is not None and step["action"]["type"] == "send_emails":
                yield from _judged(change.custom_id, number, data, senders)


def _judged(custom_id: str, number: int, data: Any, senders: Senders) -> Iterator[Finding]:
    domain = domain_of(data.get("from_email"))
    if senders.domains is not None and domain not in senders.domains:
        yield _strange(custom_id, number, "from_email", domain, senders.domains)
    if senders.names is not None and data.get("email_sender_name") not in senders.names:
        yield _strange(custom_id, number, "email_sender_name", None, senders.names)


def _strange(custom_id: str, step: int, what: str, found: str | None, allowed: Sequence[str]) -> StrangeSender:
    return StrangeSender(custom_id=custom_id, step=step, what=what, found=found, allowed=tuple(allowed))


def domain_of(address: Any) -> str | None:
    """Return the domain of an address in lower case; None where it has none that can be believed."""
    if not isinstance(address, str) or address.count("@") != 1:
        return None
    domain = address.partition("@")[2].lower()
    return domain if _DOMAIN.fullmatch(domain) else None
