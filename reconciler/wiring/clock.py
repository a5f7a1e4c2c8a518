"""The machine's own clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock (a Clock of the ports)."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    @staticmethod
    def moment() -> str:
        """Return the moment as RFC 3339 text in UTC, to the second."""
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
