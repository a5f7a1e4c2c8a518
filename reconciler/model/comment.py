"""Comments on a pull request, and what the tool remembers in its own one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment as the forge keeps it. `author` is a login."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a comment of the tool says of itself, unseen by its readers.

    `key` tells one sticky comment from another, such as `plan production`. `digest` is that of the plan that it shows,
    `commit` the one that the plan was made for. `run` grows with each run of the CI: the greater one is the newer.
    """

    key: str
    digest: str | None = None
    commit: str | None = None
    run: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A pull request that was merged: its number, and the head commit that was reviewed."""

    number: int
    head: str
