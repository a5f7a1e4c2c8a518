"""`[fleets.NAME.waves]`: which organisations go first, how the waves grow, and what closes the gate behind one."""

import math
from collections.abc import Mapping
from typing import Any, Final

from reconciler.adapters.config.values import known, refused, table
from reconciler.core.fleet.waves import read_canaries, read_most
from reconciler.model.waves import DEFAULT_WAVES, Most, WaveSettings

_KEYS: Final = ("canaries", "growth", "failures", "unknowns", "pause")
LONGEST_PAUSE: Final = 86_400.0
LARGEST_GROWTH: Final = 1000.0


def read_waves(given: Mapping[str, Any], *, where: str) -> WaveSettings:
    """Return how a fleet's waves are formed and gated; ConfigurationError for what could be meant otherwise."""
    if "waves" not in given:
        return DEFAULT_WAVES
    where = f"{where}.waves"
    values = table(given["waves"], where=where)
    known(values, _KEYS, where=where)
    canaries, share = _canaries(values, where=where)
    return WaveSettings(
        canaries=canaries,
        share=DEFAULT_WAVES.share if share is None else share,
        growth=_number(values, "growth", 1, LARGEST_GROWTH, DEFAULT_WAVES.growth, where=where),
        failures=_most(values, "failures", where=where),
        unknowns=_most(values, "unknowns", where=where) or DEFAULT_WAVES.unknowns,
        pause=_number(values, "pause", 0, LONGEST_PAUSE, DEFAULT_WAVES.pause, where=where),
    )


def _canaries(values: Mapping[str, Any], *, where: str) -> tuple[tuple[str, ...], float | None]:
    given = values.get("canaries", [])
    words = [given] if isinstance(given, str) else given
    if isinstance(words, list) and all(isinstance(each, str) and each for each in words):
        read = read_canaries(words)
        if read is not None:
            return read
    raise refused(
        "`canaries` must be names or labels of organisations, or a share of them",
        where=where,
        hint='write ["acme", "label:canary"], or "2%"',
    )


def _most(values: Mapping[str, Any], key: str, *, where: str) -> Most | None:
    if key not in values:
        return None
    value = values[key]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    read = read_most(str(value)) if is_number or isinstance(value, str) else None
    if read is None:
        raise refused(
            f"`{key}` must be how many organisations of a wave may, or a share of them",
            where=where,
            hint='write 3, or "5%"',
        )
    return read


def _number(values: Mapping[str, Any], key: str, least: float, most: float, default: float, *, where: str) -> float:
    value = values.get(key, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not least <= value <= most:
        unit = " of seconds" if key == "pause" else ""
        raise refused(f"`{key}` must be a number{unit} from {least:g} to {most:g}", where=where)
    return float(value)
