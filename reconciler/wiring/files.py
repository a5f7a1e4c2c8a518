"""How many files and connections this process may have open: many organisations at a time need more than is usual."""

import sys
from contextlib import suppress
from typing import Final

# More than that is of no use to anybody here, and some systems refuse to be asked for "unlimited".
_ENOUGH: Final = 16_384


def allow_many_files() -> None:
    """Take as many as the system lets a process take by itself; where it lets none, everything stays as it is."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
