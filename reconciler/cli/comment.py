"""`reconciler comment`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from reconciler.app.approve import read_saved_plan
from reconciler.app.comment import Place, Posted, post, reviewed, write_result
from reconciler.cli.session import Session, emit, pass_session, say
from reconciler.cli.show import is_fleet, read_document, result_markdown
from reconciler.core.sticky import LONGEST
from reconciler.errors import ExitCode, RefusedError, UsageError
from reconciler.model.comment import Mark
from reconciler.wiring.forge import Ci, open_ci

_ROOM_FOR_THE_MARK: Final = 1_024
_SAID: Final = {
    Posted.WRITTEN: "the comment was written",
    Posted.EDITED: "the comment was edited",
    Posted.UNCHANGED: "the comment says so already",
    Posted.OUTDATED: "a newer run has written the comment already; it was left alone",
}


@click.command("comment")
@click.argument("text_file", metavar="[FILE]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="The plan it is about.")
@click.option("--number", type=click.IntRange(min=1), help="The pull request. [default: the one this CI runs for]")
@click.option("--commit", metavar="SHA", help="The head commit it is about. [default: that of the pull request]")
@click.option("--key", metavar="WORDS", help="Which sticky comment. [default: `plan` and the environment]")
@click.option("--author", metavar="LOGIN", help="Whose comments count. [default: whose the token is]")
@click.option("--reviewed", metavar="SHA", help="Print the digest that was reviewed with the merge of this commit.")
@click.option(
    "--result",
    type=(str, click.Path(path_type=Path, dir_okay=False)),
    metavar="SHA FILE",
    help="Write what `apply --format json` printed into the comment reviewed with that merge.",
)
@pass_session
def command(session: Session, /, text_file: Path | None, **asked: Any) -> ExitCode:
    """Keep one comment on a pull request, found by its mark and its author, and edited in place.

    FILE is Markdown, such as `plan --format markdown` prints; `-` reads it from stdin. The token comes from
    GITHUB_TOKEN or GITLAB_TOKEN, everything else from what the CI says of itself.
    """
    ways = [text_file is not None, asked["reviewed"] is not None, asked["result"] is not None]
    if sum(ways) != 1:
        raise UsageError("name one of FILE, --reviewed and --result", hint="`reconciler comment --help` shows each")
    ci = open_ci(os.environ, lambda text: None if session.quiet else say(text))
    if asked["reviewed"] is not None:
        return _print_reviewed(session, ci, asked)
    if asked["result"] is not None:
        return _write_result(session, ci, asked)
    assert text_file is not None  # noqa: S101 - the one way that is left
    return _post(session, ci, text_file, asked)


def _post(session: Session, ci: Ci, text_file: Path, asked: dict[str, Any]) -> ExitCode:
    number = asked["number"] or ci.number
    if number is None:
        raise UsageError("no pull request is known here", hint="name it with --number")
    text = _read_text(session, text_file)
    digest, key = None, asked["key"]
    if asked["plan_file"] is not None:
        document = read_document(session.root / asked["plan_file"])
        key = key or f"plan {_about(document)}"
        digest = document["digest"]
    if key is None:
        raise UsageError("nothing says which comment this is", hint="name the plan with --plan, or a --key")
    mark = Mark(key=key, digest=digest, commit=asked["commit"] or ci.head, run=ci.run)
    place = Place(number=number, key=key, author=asked["author"] or ci.forge.author())
    posted = post(ci.forge, place, mark, text)
    if not session.quiet:
        say(f"pull request {number}: {_SAID[posted]}")
    return ExitCode.DONE


def _about(document: Any) -> str:
    """Return what a saved plan is about; RefusedError for what is no plan, or was edited."""
    if is_fleet(document):
        from reconciler.app.fleet_saved import read_saved_fleet

        return f"fleet {read_saved_fleet(document).fleet}"
    return read_saved_plan(document).environment


def _named(document: Mapping[str, Any]) -> str | None:
    """Return what a result says that it is about."""
    return f"fleet {document['fleet']}" if "fleet" in document else document.get("environment")


def _read_text(session: Session, file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else (session.root / file).read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8") from error
    if not text.strip():
        raise UsageError(f"{file} is empty, so there is nothing to say")
    if len(text) > LONGEST - _ROOM_FOR_THE_MARK:
        raise UsageError(
            f"{file} has {len(text):,} characters, and a comment holds {LONGEST - _ROOM_FOR_THE_MARK:,}",
            hint="`plan --format markdown` keeps within that by itself",
        )
    return text


def _print_reviewed(session: Session, ci: Ci, asked: dict[str, Any]) -> ExitCode:
    key = asked["key"] or f"plan {session.workspace().environment.name}"
    _, mark = reviewed(ci.forge, asked["reviewed"], key, asked["author"] or ci.forge.author())
    emit(f"{mark.digest}\n")
    return ExitCode.DONE


def _write_result(session: Session, ci: Ci, asked: dict[str, Any]) -> ExitCode:
    commit, file = asked["result"]
    document = read_document(session.root / file)
    result = result_markdown(document)
    name = _named(document) or session.workspace().environment.name
    place, _ = reviewed(ci.forge, commit, asked["key"] or f"plan {name}", asked["author"] or ci.forge.author())
    if not write_result(ci.forge, place, result):
        raise RefusedError(f"the comment on pull request {place.number} is gone; the result was not written")
    if not session.quiet:
        say(f"pull request {place.number}: the result was written into the comment")
    return ExitCode.DONE
