"""What every command is given: where it works, and how it speaks. The one place that writes to stdout and stderr."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from reconciler.errors import ConfigurationError
from reconciler.model.settings import CONFIG_FILE
from reconciler.view.terminal import Paint

if TYPE_CHECKING:
    from reconciler.model.settings import RateLimit
    from reconciler.view.plan_text import Drawing
    from reconciler.wiring.workspace import Workspace

DEFAULT_WIDTH: Final = 100
NARROWEST: Final = 60
# Where manifests are unless reconciler.toml says otherwise.
MANIFESTS: Final = "sequences"
# The variable that names a command which prints a fleet's table.
ORGANISATIONS_FROM: Final = "RECONCILER_ORGANISATIONS_FROM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The options before the command: folder, environment, colour, and how much to say."""

    root: Path
    environment: str | None
    color: str
    verbose: bool
    quiet: bool

    def workspace(self, environment: str | None = None) -> "Workspace":
        """Open the repository with the environment that was asked for, be it an organisation's: FLEET/ORGANISATION."""
        from reconciler.wiring.workspace import open_workspace

        self.refuse_below_a_root()
        name = environment or self.environment
        if name is not None and "/" in name:
            from reconciler.wiring.fleet import open_organisation

            return open_organisation(self.root, name, command=os.environ.get(ORGANISATIONS_FROM))
        return open_workspace(self.root, name)

    def refuse_below_a_root(self) -> None:
        """Refuse to work in a folder of a repository instead of at its root."""
        _refuse_below_a_root(self.root)

    def paint(self, stream: IO[str] | None = None) -> Paint:
        """Return how to colour what goes to a stream; stdout unless told otherwise."""
        return Paint(wants_color(self.color, stream or sys.stdout, os.environ))

    def drawing(self, pace: "RateLimit | None") -> "Drawing":
        """Return how to draw a plan on this terminal, with a request limit to reckon with, where it is known."""
        from reconciler.view.plan_text import Drawing

        drawing = Drawing(paint=self.paint(), width=width(), verbose=self.verbose, limit=None)
        return drawing if pace is None else replace(drawing, limit=pace.requests, seconds=pace.seconds)


def _refuse_below_a_root(folder: Path) -> None:
    """Name the root of the repository to whoever works in one of its folders."""
    if _looks_like_a_root(folder):
        return
    above = next((each for each in folder.parents if _looks_like_a_root(each)), None)
    if above is not None:
        way = shlex.quote(os.path.relpath(above))
        raise ConfigurationError(
            f"there is no folder `{MANIFESTS}` in {folder}, which lies inside the repository {above}",
            hint=f"name the root before the command, as in `reconciler -C {way} plan`",
        )


def _looks_like_a_root(folder: Path) -> bool:
    return (folder / CONFIG_FILE).exists() or (folder / MANIFESTS).is_dir()


def wants_color(asked: str, stream: IO[str], variables: Mapping[str, str]) -> bool:
    """Decide about colour: the option first, then NO_COLOR, then FORCE_COLOR, then whether a person is looking."""
    if asked != "auto":
        return asked == "always"
    if variables.get("NO_COLOR"):
        return False
    if variables.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and variables.get("TERM") != "dumb"


def is_ascii(stream: IO[str]) -> bool:
    """Tell whether a stream can show only some characters; one without an encoding can show all."""
    return not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def width() -> int:
    """Return the terminal's width in columns, a comfortable one where there is none."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return max(int(columns), NARROWEST)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    return DEFAULT_WIDTH


def emit(text: str) -> None:
    """Write a result to stdout. A reader that has gone away does not change how the command ends."""
    _write(sys.stdout, text)


def emit_all(texts: Iterable[str]) -> None:
    """Write a result to stdout piece by piece, so that it is never in memory as a whole."""
    for text in texts:
        _write(sys.stdout, text)


def emit_bytes(data: bytes) -> None:
    """Write a result to stdout byte by byte, whatever the terminal's encoding is."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def say(text: str) -> None:
    """Write a line for people to stderr."""
    _write(sys.stderr, text + "\n")


def draw(text: str) -> None:
    """Write to stderr as it is, without ending the line."""
    _write(sys.stderr, text)


def _write(stream: IO[str], text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except UnicodeEncodeError:
        _write(stream, text.encode("ascii", "backslashreplace").decode("ascii"))
    except (BrokenPipeError, OSError, ValueError):
        # Whoever was reading is gone; Python would otherwise complain once more when it closes the stream.
        with suppress(OSError, ValueError):
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, stream.fileno())


def ask(question: str) -> bool:
    """Ask on stderr and return whether the answer was yes; anything else, the end of input included, is no."""
    draw(f"{question} [y/N] ")
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        say("")
    return answer.strip().lower() in ("y", "yes")


_Function = TypeVar("_Function", bound=Callable[..., Any])

# Click is imported where a command is declared: `shortcut` declares none.


def pass_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command be given the session as its first argument."""
    import click

    return click.make_pass_decorator(Session)(function)


def format_option(*choices: str) -> Callable[[_Function], _Function]:
    """Return the option `--format`, with the first choice as the default."""
    import click

    return click.option(
        "--format", "format_", type=click.Choice(choices), default=choices[0], show_default=True, help="Output format."
    )
