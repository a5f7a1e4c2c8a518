"""What the stories share: a repository and its server told as a sequence of states, the plan looked at after each."""

from typing import Any

from reconciler.sandbox.switches import (
    Duplicates,
    Finished,
    Lists,
    Omitted,
    Strings,
    Switches,
)
from tests.scenarios.workbench import Document, Repository, Result, sms, writes

# The likely server, and those that differ from it in one thing that could matter here. On one that says "missing" by a
# 500 nothing can be looked up, so nothing is created in the first place.
SERVERS: dict[str, Switches] = {
    "the likely one": Switches(),
    "reorders lists": Switches(lists=Lists.REORDERED),
    "trims": Switches(strings=Strings.TRIMMED),
    "defaults what is left out": Switches(omitted=Omitted.DEFAULTED),
    "takes no second custom_id": Switches(duplicates=Duplicates.REFUSED),
    "changes nothing that is over": Switches(finished=Finished.REFUSED),
    "shows writes late": Switches(lag=1),
}


def actions(plan: Document) -> dict[str, str]:
    """What a plan does, by custom_id; a way of giving up in brackets."""
    return {
        each["custom_id"]: each["action"] + (f" ({each['retire']})" if "retire" in each else "")
        for each in plan["changes"]
    }


def refusals(plan: Document) -> dict[str, str]:
    """What refuses a plan: the message, by rule."""
    return {each["rule"]: each["message"] for each in plan["violations"]}


def warned(plan: Document) -> set[str]:
    return {each["rule"] for each in plan["warnings"]}


def is_quiet(repository: Repository, *arguments: str) -> bool:
    """Tell whether a plan has nothing to do and nothing to say, however much of live is read."""
    plans = [repository.plan("--refresh", refresh, *arguments) for refresh in ("none", "changed", "all")]
    return all(not (plan["changes"] or plan["violations"] or plan["warnings"]) for plan in plans)


def answering(repository: Repository) -> Result:
    """Apply the plan as somebody does who has weighed it: named by its digest."""
    digest = repository.plan()["digest"]
    return repository.apply("--acknowledge", f"R4:{digest}")


def sent(repository: Repository, *arguments: str) -> list[tuple[str, str]]:
    """Apply, and return what was written: method and the end of the path."""
    with repository.watched() as seen:
        repository.applied(*arguments)
    return [(entry.method, entry.path.rpartition("/")[2]) for entry in writes(seen)]


def text(words: str) -> list[Any]:
    """The steps of a sequence that says these words, and no others."""
    return [sms(words)]
