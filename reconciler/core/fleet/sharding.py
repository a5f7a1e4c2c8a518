"""Shards of a fleet, for those who have several machines and no cluster: each does its own part of the organisations.

Which shard an organisation is in, its name alone decides: one that is added or removed moves nobody else.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.fleet import Organisation, Shard

_SHAPE: Final = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


def read_shard(text: str) -> Shard:
    """Return the shard that `K/N` means; UsageError where there is none such."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UsageError("`--shard` needs two numbers, K/N", hint="write `--shard 2/8` for the second of eight")
    number, of = int(match[1]), int(match[2])
    if of == 0:
        raise UsageError(f"`--shard {text}` divides the fleet into none", hint="write `--shard 1/1` for all of it")
    if not 1 <= number <= of:
        raise UsageError(f"there is no shard {number} of {of}", hint=f"they are counted from 1/{of} to {of}/{of}")
    return Shard(number=number, of=of)


def kept_shard(text: str) -> str:
    """Return a shard as a document names it; ValueError where there is none such."""
    try:
        return str(read_shard(text))
    except UsageError as error:
        raise ValueError(text) from error


def in_shard(organisations: Sequence[Organisation], shard: Shard | None) -> tuple[Organisation, ...]:
    """Return the organisations that are in a shard, which may be none; all of them where there are no shards."""
    if shard is None:
        return tuple(organisations)
    return tuple(each for each in organisations if _number(each.name, shard.of) == shard.number)


def _number(name: str, of: int) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big") % of + 1
