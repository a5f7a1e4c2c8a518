"""Counting requests as they are answered, for the eyes of whoever waits and for what a run took."""

from collections.abc import Callable
from typing import Final

from reconciler.adapters.api.exchange import Exchange
from reconciler.core.classify import Reply
from reconciler.core.sent import NoReply

_TOO_MANY_REQUESTS: Final = 429


class CountingExchange:
    """Carries requests as another does, and tells of each whether it was answered 429 (an Exchange)."""

    def __init__(self, exchange: Exchange, told: Callable[[bool], None]) -> None:
        self._exchange = exchange
        self._told = told

    def exchange(self, method: str, path: str, body: bytes | None) -> Reply | NoReply:
        """Send one request once."""
        found = self._exchange.exchange(method, path, body)
        self._told(isinstance(found, Reply) and found.status == _TOO_MANY_REQUESTS)
        return found
