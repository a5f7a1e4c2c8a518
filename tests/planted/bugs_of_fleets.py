"""Bugs of looks at a fleet: what a stop, or one organisation's trouble, may do to what is told and written."""

from collections.abc import Iterator
from typing import Final

from tests.planted.planting import Bug

_DRIFT: Final = ("tests/fleet/test_fleet_drift.py", "tests/view/test_view_fleet_drift.py")


def fleets() -> Iterator[Bug]:
    """Return them all."""
    yield Bug(
        name="cut-off-what-reads-back-what-is-set-back",
        file="reconciler/wiring/surveying.py",
        old="        hand = _Hand(workspace, api, store, watch, stop)\n        return _corrected",
        new="        hand = _Hand(workspace, api, store, watch, stop)\n"
        "        with stop.waking(lambda why: api.halt(why.message)):\n            return _corrected",
        tests=_DRIFT,
    )
    yield Bug(
        name="set-back-after-a-stop",
        file="reconciler/app/looking.py",
        old="        return self.is_kept and self.swept.stopped_by is None\n",
        new="        return self.is_kept\n",
        tests=("tests/scenarios/test_drift_budget.py",),
    )
    yield Bug(
        name="close-the-issue-of-a-fleet-that-was-not-all-seen",
        file="reconciler/model/drift_set.py",
        old="all(part.look is not None and part.look.is_settled",
        new="all(part.look is None or part.look.is_settled",
        tests=_DRIFT,
    )
    yield Bug(
        name="forget-what-an-organisation-comes-to",
        file="reconciler/app/fleet_drift.py",
        old="        code=done.exit_code,\n",
        new="",
        tests=_DRIFT,
    )
    yield Bug(
        name="tell-other-values-as-the-same",
        file="reconciler/view/fleet/drift_groups.py",
        old="    return json.dumps([field.recorded, field.live], sort_keys=True, default=repr)\n",
        new="    return json.dumps(field.path)\n",
        tests=_DRIFT,
    )
    yield Bug(
        name="lose-a-look-where-setting-back-is-refused",
        file="reconciler/wiring/surveying.py",
        old="    except ReconcilerError as error:\n        return _surveyed(seen, None, Failure.of(error))\n",
        new="    except ReconcilerError:\n        raise\n",
        tests=_DRIFT,
    )
