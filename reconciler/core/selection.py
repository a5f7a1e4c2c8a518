"""Which sequences `--only` means: by custom_id, by the owner of the manifest, or by where the manifest stands.

A custom_id holds neither `:` nor `/`, so the two prefixes are never part of one. What has no manifest (an orphan) has
neither owner nor path: only its custom_id selects it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from reconciler.core.spelling import did_you_mean
from reconciler.model.sequence import Desired

OWNER: Final = "owner:"
PATH: Final = "path:"
_MAGIC: Final = re.compile(r"[*?\[]")
# A part of a path pattern: any folders, any one of them or part of it, one character, a set of characters, a letter.
_TOKEN: Final = re.compile(r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<some>\*)|(?P<one>\?)|(?P<set>\[!?[^/\]]+\])|.", re.S)


def matches(pattern: str, custom_id: str, desired: Desired | None) -> bool:
    """Tell whether a pattern means a sequence; `desired` is None where no manifest asks for it."""
    if pattern.startswith(OWNER):
        owner = None if desired is None else desired.instructions.owner
        return owner is not None and fnmatchcase(owner, pattern.removeprefix(OWNER))
    if pattern.startswith(PATH):
        return desired is not None and _of_path(pattern.removeprefix(PATH)).fullmatch(desired.source.file) is not None
    return fnmatchcase(custom_id, pattern)


def is_about_manifests(pattern: str) -> bool:
    """Tell whether a pattern can mean only what a manifest asks for."""
    return pattern.startswith((OWNER, PATH))


def nothing_matches(pattern: str, names: Iterable[str], desired: Iterable[Desired]) -> str:
    """Return the sentence for a pattern that means nothing, with what was probably meant."""
    manifests = list(desired)
    if pattern.startswith(OWNER):
        word, known = pattern.removeprefix(OWNER), {each.instructions.owner or "" for each in manifests} - {""}
        said = f"no manifest has an owner that matches `{word}`"
        if not known:
            return f"{said}: none names an owner with `reconciler.owner`"
        return _with_hint(said, did_you_mean(word, sorted(known)))
    if pattern.startswith(PATH):
        word = pattern.removeprefix(PATH)
        files = sorted({each.source.file for each in manifests})
        folders = sorted({file.rpartition("/")[0] for file in files} - {""})
        return _with_hint(f"no manifest stands at `{word}`", did_you_mean(word, [*files, *folders]))
    said = f"no sequence has a custom_id that matches `{pattern}`"
    if "/" in pattern:
        return f"{said}; where a manifest stands is selected with `{PATH}{pattern}`"
    return _with_hint(said, did_you_mean(pattern, sorted(names)))


def not_written(patterns: Iterable[str], written: Mapping[str, Desired | None]) -> Iterator[str]:
    """Yield a sentence for each pattern that means no sequence that a run wrote, with what was probably meant."""
    for pattern in patterns:
        if not any(matches(pattern, name, desired) for name, desired in written.items()):
            near = None if is_about_manifests(pattern) else did_you_mean(pattern, sorted(written))
            yield _with_hint(f"the run wrote no sequence that `{pattern}` means", near)


def _with_hint(said: str, hint: str | None) -> str:
    return said if hint is None else f"{said}; {hint}"


@cache
def _of_path(glob: str) -> re.Pattern[str]:
    """Return what a path must look like: `*` stays within a folder, `**` does not, a folder means all below it."""
    plain = glob.removeprefix("./").rstrip("/")
    if not _MAGIC.search(plain):
        return re.compile(re.escape(plain) + r"(?:/.*)?")
    return re.compile("".join(map(_piece, _TOKEN.finditer(plain))))


def _piece(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "folders":
            return "(?:.*/)?"
        case "all":
            return ".*"
        case "some":
            return "[^/]*"
        case "one":
            return "[^/]"
        case "set":
            inside = token[0][1:-1].replace("\\", "\\\\")
            return f"(?!/)[{'^' + inside[1:] if inside.startswith('!') else inside}]"
        case _:
            return re.escape(token[0])
