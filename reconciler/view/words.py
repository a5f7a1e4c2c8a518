"""Small phrases that several views share: counts, durations, places, channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.called import CHANNELS, CONDITIONS
from reconciler.model.pointer import Path
from reconciler.model.sequence import is_over

if TYPE_CHECKING:
    from reconciler.model.change import Change  # with all that is said of a change: 10 ms

# Seconds up to which nobody needs to be told how long it takes.
_SOON: Final = 5.0
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Pace:
    """What the request limit allows: at most `limit` requests in `seconds`, where one piece of work takes `each`."""

    limit: int
    seconds: float
    each: int


def time_left(done: int, total: int, elapsed: float, pace: Pace | None) -> float | None:
    """Return about how many seconds the rest takes; None where that is soon, or cannot be told yet."""
    rest = total - done
    by_experience = elapsed / done * rest if done else 0.0
    by_limit = 0.0
    if pace is not None and pace.limit and total * pace.each > pace.limit:
        by_limit = rest * pace.each / pace.limit * pace.seconds
    seconds = max(by_experience, by_limit)
    return seconds if seconds >= _SOON else None


def action_word(change: "Change") -> str:
    """Return what a change is, and how it gives its sequence up where it does."""
    return change.action.value + ("" if change.retire is None else f" (retire: {change.retire.value})")


def may_send(change: "Change") -> bool:
    """Tell whether a sequence that is left alone may send: not one that has ended for good."""
    status = None if change.assessment is None else change.assessment.reach.status
    return not is_over(status)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return `1 change`, `2 changes`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def duration(minutes: float) -> str:
    """Return a delay in its natural units, as `after 1 day 2 hours`; `at once` for none."""
    left = round(minutes * 60)
    parts = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number:
            parts.append(counted(number, unit))
    return "after " + " ".join(parts) if parts else "at once"


def waiting(requests: int, limit: int, seconds: float) -> str:
    """Return how long that many requests take at the limit, in words."""
    if limit == 0:
        return "at once, since there is no limit"
    full_windows = max(requests - 1, 0) // limit
    if full_windows == 0:
        return f"at once, within the limit of {limit} in {seconds:g} s"
    total = full_windows * seconds
    shown = f"{total:g} s" if total < 120 else counted(round(total / 60), "minute")
    return f"about {shown} at the limit of {limit} in {seconds:g} s"


def place(path: Path) -> str:
    """Return where a field stands, in words: `step 1: email_subject`."""
    if not path:
        return "the sequence"
    if path[0] != "steps" or len(path) == 1:
        return _dotted(path)
    step = f"step {int(path[1]) + 1}"
    rest = path[2:]
    if rest[:2] == ("action", "data"):
        rest = rest[2:]
    return f"{step}: {_dotted(rest)}" if rest else step


def channel(step: Mapping[str, Any]) -> str:
    """Return a step's channel in words; the API's own word where it is a new one."""
    kind = str(step.get("action", {}).get("type"))
    return CHANNELS.get(kind, kind)


def headline(step: Mapping[str, Any]) -> str:
    """Return what a person would call a step: its subject, its text, its template or its agent."""
    data = step.get("action", {}).get("data", {})
    template = data.get("template")
    if isinstance(template, Mapping):
        return f"{template.get('name')} ({template.get('language')})"
    for key in ("email_subject", "message", "aiPhoneAgentId"):
        if key in data:
            return str(data[key])
    return ""


def audience(payload_filter: Any) -> str:
    """Return whom a filter reaches, by its conditions alone: never a name, an address or a number out of it."""
    if payload_filter is None:
        return "everyone"
    groups = [" and ".join(_condition(each) for each in group["and"]) or "everyone" for group in payload_filter["or"]]
    return " or ".join(f"({group})" for group in groups) if len(groups) > 1 else groups[0]


def _condition(condition: Mapping[str, Any]) -> str:
    kind = str(condition["type"])
    words = CONDITIONS.get(kind, kind)
    lists = [value for value in condition.values() if isinstance(value, list)]
    return f"{words} ({len(lists[0])})" if lists else words


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text
