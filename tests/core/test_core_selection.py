"""What `--only` means: patterns of custom_ids, owners and paths, and what is said of one that means nothing."""

import pytest

from reconciler.core.selection import matches, nothing_matches
from reconciler.model.sequence import Desired, Instructions, Payload, Source


def manifest(file: str = "sequences/onboarding/welcome.yaml", owner: str | None = "lifecycle-team") -> Desired:
    return Desired(
        custom_id="welcome",
        payload=Payload(b"{}"),
        source=Source(file=file, line=1),
        instructions=Instructions(owner=owner),
    )


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        ("welcome", True),
        ("wel*", True),
        ("owner:lifecycle-team", True),
        ("owner:lifecycle-*", True),
        ("owner:lifecycle", False),
        ("owner:", False),
        ("path:sequences/onboarding/welcome.yaml", True),
        ("path:./sequences/onboarding", True),
        ("path:sequences/onboarding/", True),
        ("path:sequences", True),
        ("path:sequences/on", False),
        ("path:sequences/*", False),
        ("path:sequences/*/*.yaml", True),
        ("path:sequences/**", True),
        ("path:**/welcome.yaml", True),
        ("path:sequences/**/onboarding/welcome.yaml", True),
        ("path:sequences/onboarding/welcom?.y[a-c]ml", True),
        ("path:sequences/onboarding/[!w]*", False),
        ("path:sequences?onboarding/welcome.yaml", False),
        ("path:sequences[/]onboarding/welcome.yaml", False),
        ("path:Sequences/**", False),
        ("path:", False),
        ("path:sequences/onboarding/welcome.ya(m)l", False),
        ("sequences/onboarding/welcome.yaml", False),
    ],
)
def test_a_pattern_means_a_custom_id_an_owner_or_a_place(pattern: str, is_meant: bool) -> None:
    assert matches(pattern, "welcome", manifest()) is is_meant


@pytest.mark.parametrize("pattern", ["owner:*", "path:**", "path:"])
def test_what_has_no_manifest_has_neither_owner_nor_path(pattern: str) -> None:
    assert not matches(pattern, "welcome", None)
    assert matches("welcome", "welcome", None)


def test_a_manifest_that_names_no_owner_is_nobodys() -> None:
    assert not matches("owner:*", "welcome", manifest(owner=None))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("welcom", "no sequence has a custom_id that matches `welcom`; did you mean `welcome`?"),
        (
            "sequences/onboarding/**",
            "no sequence has a custom_id that matches `sequences/onboarding/**`; "
            "where a manifest stands is selected with `path:sequences/onboarding/**`",
        ),
        (
            "owner:lifecycle-tem",
            "no manifest has an owner that matches `lifecycle-tem`; did you mean `lifecycle-team`?",
        ),
        (
            "path:sequences/onbording",
            "no manifest stands at `sequences/onbording`; did you mean `sequences/onboarding`?",
        ),
        ("path:zzz", "no manifest stands at `zzz`"),
    ],
)
def test_a_pattern_that_means_nothing_is_told_with_what_is_near(pattern: str, said: str) -> None:
    assert nothing_matches(pattern, {"welcome"}, [manifest()]) == said


def test_where_nobody_owns_anything_that_is_said() -> None:
    said = "no manifest has an owner that matches `x`: none names an owner with `reconciler.owner`"
    assert nothing_matches("owner:x", {"welcome"}, [manifest(owner=None)]) == said
