"""What came of a plan, for the pull request that it was reviewed in."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.view.markdown.inert import code, fenced
from reconciler.view.words import counted

_SIGNS: Final = {
    "applied": "✅",
    "different": "⚠️",
    "unverified": "⚠️",
    "rejected": "❌",
    "not_sent": "⏸️",
    "skipped": "⏸️",
    "unknown": "🚨",
}
# What is listed one by one; the rest is counted, and stands in the job's log.
_MOST: Final = 40
_MOST_DETAIL: Final = 300


def apply_markdown(document: Mapping[str, Any]) -> str:
    """Return the Markdown of an apply document (contract: design, section 9), or of its error."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    outcomes = document.get("outcomes", [])
    counts = Counter(str(each["status"]) for each in outcomes)
    yield f"### {_verdict(document, counts)}"
    yield ""
    if counts:
        yield ", ".join(f"{number:,} {_word(status)}" for status, number in sorted(counts.items())) + "."
        yield ""
    troubled = [each for each in outcomes if each["status"] != "applied"]
    if troubled:
        yield "| sequence | action | outcome |"
        yield "|---|---|---|"
        for each in troubled[:_MOST]:
            yield f"| {code(each['custom_id'])} | {code(each['action'])} | {code(each['status'])} |"
        yield ""
        yield fenced(
            f"{each['custom_id']}: {each.get('detail') or each['status']}"[:_MOST_DETAIL] for each in troubled[:_MOST]
        )
    if len(troubled) > _MOST:
        yield f"… and {len(troubled) - _MOST:,} more, in the job's log."
    said = [each["message"] for each in document.get("violations", [])]
    error = document.get("error")
    said += [error["message"]] if isinstance(error, Mapping) else []
    if said:
        yield fenced(each[:_MOST_DETAIL] for each in said[:_MOST])


def _word(status: str) -> str:
    """Return a status in words; one that this version does not know could be anybody's."""
    return status.replace("_", " ") if status in _SIGNS else code(status)


def _verdict(document: Mapping[str, Any], counts: Mapping[str, int]) -> str:
    if counts.get("unknown"):
        return f"{_SIGNS['unknown']} Applied, and {counted(counts['unknown'], 'outcome')} unknown: a person must look"
    if set(counts) - {"applied"}:
        return f"{_SIGNS['different']} Applied in part"
    if document.get("error") or document.get("violations"):
        return f"{_SIGNS['rejected']} Not applied"
    return f"{_SIGNS['applied']} Applied" if counts else f"{_SIGNS['applied']} Nothing was left to apply"
