"""The workflows that are written for users: one set of files for each forge, filled in with a few checked words."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.settings import Environment

_FILES: Final = Path(__file__).parent / "files"
# Where each template goes, by the forge.
_PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "github": {
        ".github/workflows/reconciler-plan.yml": "reconciler-plan.yml",
        ".github/workflows/reconciler-apply.yml": "reconciler-apply.yml",
        ".github/workflows/reconciler-drift.yml": "reconciler-drift.yml",
        ".github/actions/reconciler/action.yml": "action.yml",
    },
    "gitlab": {".gitlab-ci.yml": "gitlab-ci.yml", ".gitlab/reconciler/drift.yml": "drift.yml"},
}
FORGES: Final = tuple(_PLACES)
# What the workflows install the tool from, which is not written here: its hashes are for somebody to vouch for.
REQUIREMENTS: Final[Mapping[str, str]] = {
    "github": ".github/actions/reconciler/requirements.txt",
    "gitlab": ".gitlab/reconciler/requirements.txt",
}
# Words that mean themselves in YAML, in a shell and in a pattern of paths.
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# What installing and saving state may take beside the run itself.
_MINUTES_BESIDE: Final = 15


# What a look at live needs first: a key that reads, or in the sandbox something to look at.
_BEFORE_LOOKING: Final[Mapping[str, str]] = {
    "github": """\
          if [ -z "$@KEY@" ]; then
            echo '::notice::@KEY@_READ is not set in the environment @ENVIRONMENT@-read, so live was not read.'
            exit 0
          fi
""",
    "gitlab": """\
      if [ -z "$@KEY@_READ" ]; then
        echo '@KEY@_READ is not set in the environment @ENVIRONMENT@-read, so live was not read.'
        exit 0
      fi
      export @KEY@="$@KEY@_READ"
""",
}
_BEFORE_CORRECTING: Final = "# What the look before has found is kept in the state: only that is read again."
_FILL: Final = (
    "# The sandbox is new in every run, and so is what is recorded of it: it is filled first.",
    'reconciler -q --env "$RECONCILER_ENV" apply --yes',
)
# How far scripts are indented.
_MARGINS: Final[Mapping[str, str]] = {"github": " " * 10, "gitlab": " " * 6}


def ci_files(forge: str, manifests: str, environment: Environment) -> Mapping[str, bytes]:
    """Return the content of each file by its path; UsageError for a name that cannot stand in a workflow."""
    _require(_VARIABLE, "api_key_env", environment.api_key_env)
    fill = f"\n{_MARGINS[forge]}".join(_FILL) if environment.is_sandbox else None
    filled = {
        "@BEFORE_LOOKING@": fill or _BEFORE_LOOKING[forge].strip(),
        "@BEFORE_CORRECTING@": fill or _BEFORE_CORRECTING,
        "@MANIFESTS@": "**" if manifests == "." else f"{_require(_PLAIN, 'manifests', manifests)}/**",
        "@ENVIRONMENT@": _require(_PLAIN, "the environment's name", environment.name),
        "@KEY@": environment.api_key_env,
        "@MINUTES@": str(math.ceil(environment.timeouts.run / 60) + _MINUTES_BESIDE),
    }
    return {path: _filled(_FILES / forge / name, filled) for path, name in _PLACES[forge].items()}


def _require(pattern: re.Pattern[str], what: str, name: str) -> str:
    if not pattern.fullmatch(name):
        raise UsageError(
            f"{what} cannot stand in a workflow: {name!a}", hint="use letters, digits, `_`, `-` and `.` alone"
        )
    return name


def _filled(template: Path, words: Mapping[str, str]) -> bytes:
    text = template.read_text(encoding="utf-8")
    for place, word in words.items():
        text = text.replace(place, word)
    return text.encode("utf-8")
