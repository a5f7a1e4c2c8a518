"""Many organisations behind one address: an ASGI application that has each key answered by a simulator of its own.

Each has its own sequences, ledger, limit and switches. They live in memory: thousands of files would be too many to
have open at once.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from reconciler.sandbox.app import create_app
from reconciler.sandbox.keys import Scope
from reconciler.sandbox.simulator import Simulator

_IN_MEMORY: Final = Path(":memory:")


class Farm:
    """The simulators by name, and the application in front of them. Each request takes `latency` seconds longer."""

    def __init__(self, schema: Path, *, limit: int | None = None, latency: float = 0.0) -> None:
        self._schema = schema
        self._limit = limit
        self._latency = latency
        self._simulators: dict[str, Simulator] = {}
        self._apps: dict[bytes, ASGIApp] = {}
        self._stranger = create_app(Simulator(_IN_MEMORY, schema=schema))

    def add(self, name: str, key: str) -> Simulator:
        """Let an organisation in with its key; ValueError where another one has either."""
        if name in self._simulators or _presented(key) in self._apps:
            raise ValueError(f"the farm already has an organisation `{name}`, or one with its key")
        simulator = Simulator(_IN_MEMORY, schema=self._schema)
        simulator.add_key(key, self.org_id(name), list(Scope), name=name)
        self._simulators[name] = simulator
        self._apps[_presented(key)] = create_app(simulator, limit=self._limit)
        return simulator

    def revoke(self, key: str) -> None:
        """Let a key in no more; what its organisation has stays."""
        self._apps.pop(_presented(key), None)

    def renew(self, name: str, key: str) -> None:
        """Let an organisation in with a further key."""
        self._simulators[name].add_key(key, self.org_id(name), list(Scope), name=f"{name} again")
        self._apps[_presented(key)] = create_app(self._simulators[name], limit=self._limit)

    @property
    def simulators(self) -> Mapping[str, Simulator]:
        """The simulator of each organisation."""
        return self._simulators

    @staticmethod
    def org_id(name: str) -> str:
        """Return the id of an organisation."""
        return str(uuid5(NAMESPACE_DNS, name))

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer a request as the organisation whose key it presents; with any other key, as one that knows nobody."""
        if self._latency:
            await asyncio.sleep(self._latency)
        presented = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        app = self._apps.get(presented)
        if app is None:
            headers = [each for each in scope["headers"] if each[0] != b"authorization"]
            await self._stranger({**scope, "headers": headers}, receive, send)
            return
        await app(scope, receive, send)


def _presented(key: str) -> bytes:
    return b"Bearer " + key.encode("utf-8")
