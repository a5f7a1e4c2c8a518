"""The options of `fleet apply` that say how waves are formed and gated, over what reconciler.toml says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

import click

from reconciler.core.fleet.waves import read_canaries, read_most
from reconciler.errors import UsageError
from reconciler.model.waves import Most, WaveSettings

_Function = TypeVar("_Function", bound=Callable[..., Any])
_LONGEST: Final = 86_400
_LARGEST: Final = 1000


def wave_options(function: _Function) -> _Function:
    """Add `--canaries`, `--growth`, `--max-failures`, `--max-unknowns` and `--pause`, handed over under these names."""
    for option in (
        click.option(
            "--pause",
            type=click.FloatRange(0, _LONGEST),
            metavar="SECONDS",
            help="Wait so long after each wave, and read again what it wrote; 0 does neither.",
        ),
        click.option("--max-unknowns", metavar="N|N%", help="Of how many of a wave it may be unknown how they ended."),
        click.option("--max-failures", metavar="N|N%", help="How many organisations of a wave may fail."),
        click.option(
            "--growth",
            type=click.FloatRange(1, _LARGEST),
            metavar="FACTOR",
            help="Each wave is so many times as large as the one before.",
        ),
        click.option(
            "--canaries",
            multiple=True,
            metavar="PATTERN|N%",
            help="Who goes first: organisations as for --only, or a share of those with changes. Repeatable.",
        ),
    ):
        function = option(function)
    return function


def wave_settings(
    said: WaveSettings,
    *,
    canaries: tuple[str, ...],
    growth: float | None,
    max_failures: str | None,
    max_unknowns: str | None,
    pause: float | None,
) -> WaveSettings:
    """Return the settings with what the command line says instead; UsageError for what says nothing."""
    settings = said
    if canaries:
        read = read_canaries(canaries)
        if read is None:
            raise UsageError(
                "--canaries names organisations or says one share of them", hint="as in --canaries label:eu, or 5%"
            )
        settings = replace(settings, canaries=read[0], share=said.share if read[1] is None else read[1])
    if growth is not None:
        settings = replace(settings, growth=growth)
    if max_failures is not None:
        settings = replace(settings, failures=_most("--max-failures", max_failures))
    if max_unknowns is not None:
        settings = replace(settings, unknowns=_most("--max-unknowns", max_unknowns))
    return settings if pause is None else replace(settings, pause=pause)


def _most(option: str, text: str) -> Most:
    read = read_most(text)
    if read is None:
        raise UsageError(f"{option} says how many organisations of a wave may", hint=f"as in {option} 3, or 5%")
    return read
