"""`python -m reconciler`, and the installed command."""

import gc
import os
import sys

from reconciler.signals import Terminated, heed, heed_no_more

# How many new objects it takes until Python looks for garbage among them.
_MANY_OBJECTS = 50_000
# Commands that only read, and make so many values that taking them apart at the end is felt.
_LEFT_AS_THEY_ARE = (["validate"], ["fleet", "plan"])


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _fill_missing_streams()
    arguments = sys.argv[1:]
    code = _run(arguments)
    if any(arguments[: len(words)] == words for words in _LEFT_AS_THEY_ARE):
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End the process as it is: taking ten thousand values and two hundred modules apart takes 20 ms, the plans of a
    thousand organisations more.

    Only for a command that leaves nothing open: no thread, no lock, no connection, no file half written.
    """
    from reconciler.cli.running import flush

    flush()
    os._exit(code)


def _fill_missing_streams() -> None:
    """Put nothing in the place of streams that whoever started us has closed: a file of ours must not become one."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, "r", encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def _run(arguments: list[str]) -> int:
    try:
        heed()
        # Starting makes a hundred thousand objects, none of them garbage.
        gc.set_threshold(_MANY_OBJECTS)
        from reconciler.cli.shortcut import asked_of

        if asked := asked_of(arguments):
            from reconciler.cli.shortcut import run as run_plainly

            return run_plainly(asked, arguments)
        from reconciler.cli.main import complete, is_asked_by_a_shell, run

        return complete() if is_asked_by_a_shell() else run(arguments)
    except (KeyboardInterrupt, Terminated) as signal:
        heed_no_more()
        return _stopped(signal, arguments)
    finally:
        heed_no_more()


def _stopped(signal: BaseException, arguments: list[str]) -> int:
    """Tell of a signal that came before the command line could: on the stream that it would have used."""
    from reconciler.cli.formats import wants_json
    from reconciler.stopping import stopped

    error = stopped(signal)
    if wants_json(arguments):
        from reconciler.view.documents import error_document, json_text

        sys.stdout.write(json_text(error_document(error)))
    else:
        sys.stderr.write(f"error: {error.message}\n")
    return int(error.exit_code)


if __name__ == "__main__":
    main()
