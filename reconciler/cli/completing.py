"""What a shell is told when somebody presses Tab. Whatever goes wrong, nothing is said: a prompt is not for errors."""

import io
import os
import re
from collections.abc import Iterable
from contextlib import redirect_stderr
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from reconciler.cli.session import emit
from reconciler.cli.shortcut import COMPLETING

PROGRAM: Final = "reconciler"
SHELLS: Final = ("bash", "zsh", "fish")
# Bash takes `owner:team` for three words, and replaces only the last of them.
_SPLIT: Final = re.compile(r"(?<=\n)(owner|path)\n:\n?(\S*)")


def answer(cli: click.Command) -> None:
    """Answer the question that the shell's function has put into the environment, by click's protocol."""
    shell, _, what = os.environ[COMPLETING].partition("_")
    kind = get_completion_class(shell)
    if kind is None or what != "complete":
        return
    taken = _rejoin() if shell == "bash" else ""
    try:
        with redirect_stderr(io.StringIO()):
            told = kind(cli, {}, PROGRAM, COMPLETING).complete()
    except Exception:  # noqa: BLE001 - a line that is half typed, a configuration or state that cannot be read
        return
    emit(told.replace(f"plain,{taken}", "plain,") + "\n" if taken else told + "\n")


def _rejoin() -> str:
    """Put together what bash has split at a colon; return what stands before the word that it replaces."""
    words, position = os.environ.get("COMP_WORDS", ""), os.environ.get("COMP_CWORD", "")
    split = list(_SPLIT.finditer(words))
    if not split or not position.isdigit():
        return ""
    joined = _SPLIT.sub(r"\1:\2", words)
    lost = words.count("\n") - joined.count("\n")
    os.environ.update(COMP_WORDS=joined, COMP_CWORD=str(int(position) - lost))
    last = split[-1]
    return f"{last[1]}:" if last.end() == len(words) else ""


def script(cli: click.Command, shell: str) -> str:
    """Return the script that has a shell ask."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the three are click's own
    asking = kind(cli, {}, PROGRAM, COMPLETING)
    # Not `source()`, which starts bash to complain of old versions of it.
    return asking.source_template % asking.source_vars()


def environment_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of an environment."""
    from reconciler.wiring.names import environment_names

    return _offered(environment_names(_root(ctx)), incomplete)


def fleet_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a fleet."""
    from reconciler.wiring.fleet import fleet_names

    return _offered(fleet_names(_root(ctx)), incomplete)


def manifest_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the custom_id of a manifest."""
    from reconciler.wiring.names import manifest_ids

    return _offered(manifest_ids(_root(ctx)), incomplete)


def selections(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete what `--only` takes: a custom_id, or an owner or a path after its prefix."""
    from reconciler.core.selection import OWNER, PATH
    from reconciler.wiring import names

    root = _root(ctx)
    if incomplete.startswith(OWNER):
        return _offered((f"{OWNER}{name}" for name in names.owners(root)), incomplete)
    if incomplete.startswith(PATH):
        return _offered((f"{PATH}{place}" for place in names.manifest_places(root)), incomplete)
    return _offered((*names.manifest_ids(root), OWNER, PATH) if incomplete else names.manifest_ids(root), incomplete)


def recorded_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the custom_id of something that is recorded."""
    from reconciler.wiring.names import recorded_ids

    return _offered(recorded_ids(_root(ctx), _environment(ctx)), incomplete)


def pending_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the custom_id of a write that nobody knows the end of."""
    from reconciler.wiring.names import pending_ids

    return _offered(pending_ids(_root(ctx), _environment(ctx)), incomplete)


def kept_runs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete what names a run that is kept."""
    from reconciler.wiring.names import kept_runs

    return _offered(kept_runs(_root(ctx), _environment(ctx)), incomplete)


def lock_nonces(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the nonce of the lock."""
    from reconciler.wiring.names import lock_nonces

    return _offered(lock_nonces(_root(ctx), _environment(ctx)), incomplete)


def sandbox_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the custom_id of a sequence in the sandbox."""
    from reconciler.wiring.names import sandbox_ids

    return _offered(sandbox_ids(_root(ctx)), incomplete)


def _offered(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete) and name.isprintable()]


def _root(ctx: click.Context) -> Path:
    return Path(ctx.find_root().params.get("directory") or Path()).resolve()


def _environment(ctx: click.Context) -> str | None:
    name = ctx.find_root().params.get("environment")
    return str(name) if name else None
