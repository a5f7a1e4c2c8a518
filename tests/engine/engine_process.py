"""A scheduler or a worker of Dask's as a process: `scheduler`, or `worker ADDRESS THREADS PORT`.

It prints where it listens once it does, and ends when its stdin ends, so that it never outlives whoever started it.
"""

import asyncio
import os
import sys
import threading

import dask
from distributed import Scheduler, Worker

# Else Dask samples each worker's stacks, in which CPython 3.11 may stand still for good: docs/engine.md.
UNSAMPLED = {"distributed.worker.profile.enabled": False}


async def schedule() -> None:
    """Be a scheduler until somebody ends it."""
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        tell(scheduler.address)
        await scheduler.finished()


async def work(address: str, threads: int, port: int) -> None:
    """Be a worker until the scheduler gives it up."""
    where = f"tcp://127.0.0.1:{port}"
    async with Worker(address, nthreads=threads, host=where, dashboard=False, memory_limit=0) as worker:
        tell(worker.address)
        await worker.finished()


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_stdin, daemon=True).start()
    dask.config.set(UNSAMPLED)
    asyncio.run(schedule() if sys.argv[1] == "scheduler" else work(sys.argv[2], *map(int, sys.argv[3:])))
    os._exit(0)
