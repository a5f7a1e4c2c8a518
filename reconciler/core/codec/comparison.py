"""A reviewed plan beside the one that is computed now: what moved since, and whether live alone can have moved it."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.codec.plan import digested
from reconciler.core.guarding.names import OF_THE_MOMENT
from reconciler.model.jsonvalue import ABSENT, Json, canonical, strictly_equal
from reconciler.model.plan import Refresh

# What a reviewer relied on though no digest covers it: where it is another, that change comes back like one that moved.
_RELIED_ON: Final = ("risk", "audience", "affected_by")
# Where a manifest stands, and what a look words otherwise as time goes by: no difference between two plans.
_PASSING: Final = frozenset({"source", "reach", "risk_reasons"})
# What a plan's document says beside the plan: over itself, and how fast it will go.
_BESIDE: Final = frozenset({"checksum", "pace"})
_BASIS_WORDS: Final = {
    "manifests": "the manifests",
    "lineage": "the state's lineage",
    "serial": "the state's serial",
    "refresh": "what is read from live",
    "endpoint": "the endpoint",
    "schema": "the schema",
    "tool": "the version of reconciler",
    "only": "the selection",
    "adopt": "whether adopting is allowed",
    "guards": "the guards",
    "overrides": "the overrides",
    "undo": "the run that is undone",
}


def differences(given: Mapping[str, Any], computed: Mapping[str, Any]) -> list[str]:
    """Return in which parts a saved plan's document and the one computed now differ, in words; [] if they are one."""
    found = basis_differences(given, computed)
    if not found and canonical(_comparable(given)) != canonical(_comparable(computed)):
        found.append("what would be done, or why")
    return found


def basis_differences(given: Mapping[str, Any], computed: Mapping[str, Any]) -> list[str]:
    """Return what of that which both plans were decided from differs, live aside, in words."""
    found = [] if given.get("environment") == computed.get("environment") else ["the environment"]
    then, now = _mapping(given.get("basis")), _mapping(computed.get("basis"))
    found += [
        f"{name} ({_short(then.get(key))} then, {_short(now.get(key))} now)"
        for key, name in _BASIS_WORDS.items()
        if then.get(key) != now.get(key)
    ]
    return found


def moved_with_live(given: Mapping[str, Any], computed: Mapping[str, Any]) -> frozenset[str]:
    """Return the custom_ids of the reviewed changes that are decided or classed otherwise now, where both have the
    same basis.

    Empty where nothing moved, and also where something differs that live does not explain: then nobody reviewed it.
    """
    if _mapping(computed.get("basis")).get("refresh") == Refresh.NONE.value:
        return frozenset()  # live was not read: what differs was edited
    then, now = _by_name(given), _by_name(computed)
    moved = {
        name
        for name, change in then.items()
        if name not in now or canonical(_core(change)) != canonical(_core(now[name]))
    }
    unexplained = [name for name in then.keys() - moved if canonical(then[name]) != canonical(now[name])]
    unexplained += [name for name in moved & now.keys() if not _explained_by_live(then[name], now[name])]
    return frozenset() if unexplained else frozenset(moved)


def _core(change: Mapping[str, Any]) -> dict[str, Any]:
    return {**digested(change), "relied on": {key: change[key] for key in _RELIED_ON if key in change}}


def _explained_by_live(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Tell whether two decisions about one sequence ask for the same: what live cannot have moved, somebody edited."""
    bodies = [each["operation"].get("body") for each in (then, now) if "operation" in each]
    asked, asks = ({each["path"]: each.get("desired", ABSENT) for each in change["fields"]} for change in (then, now))
    return (
        len({canonical(body) for body in bodies}) <= 1
        and then["id"] in (None, now["id"])
        and all(strictly_equal(asked[path], asks[path]) for path in asked.keys() & asks.keys())
    )


def _by_name(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {change["custom_id"]: change for change in _comparable(document)["changes"]}


def _comparable(document: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in document.items() if key not in _BESIDE}
    kept = {key: _without_passing(document.get(key)) for key in ("changes", "affected")}
    said = {key: lasting(document.get(key)) for key in ("violations", "warnings")}
    return {**rest, **kept, **said}


def _without_passing(listed: Any) -> list[dict[str, Any]]:
    given = listed if isinstance(listed, list) else []
    return [{key: value for key, value in _mapping(each).items() if key not in _PASSING} for each in given]


def lasting(said: Any) -> list[Any]:
    """Return what a plan says of itself that does not depend on the moment at which it was said."""
    listed = said if isinstance(said, list) else []
    return [each for each in listed if _mapping(each).get("rule") not in OF_THE_MOMENT]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _short(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(str(_mapping(each).get("guard", each)) for each in value)
    text = "none" if value is None else str(value)
    return text[:19] + "…" if text.startswith("sha256:") else text
