"""A farm that a fleet's commands ask, as a process of its own: its CPU is not that of what is measured."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.context import ROOT
from benchmarks.fleets import NAME, FleetRepository


@contextmanager
def farm_of(fleet: FleetRepository, *, latency: float) -> Iterator[str]:
    """Serve what the fleet's states say for the length of a block, each answer `latency` seconds later; the URL.

    What it saw is in the fleet's folder once the block has ended.
    """
    command = [sys.executable, "-m", "benchmarks.farm_program", str(fleet.root), NAME, str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGTERM)
