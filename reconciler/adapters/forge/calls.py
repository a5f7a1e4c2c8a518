"""Calls to a forge's REST API: paged, patient with its limits within bounds, and in words when it refuses."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from reconciler.adapters.web import Answer, Silence, ask
from reconciler.errors import CredentialsError, RefusedError, UnavailableError

_TRIES: Final = 4
# Seconds: no single wait is longer, and what asks for more is told to whoever runs this.
_LONGEST_WAIT: Final = 60.0
_FIRST_WAIT: Final = 1.0
_PAGE: Final = 100
_MOST_PAGES: Final = 100
# A hundred comments, each as long as one can be, escaped.
_MOST_BYTES: Final = 32 * 1024 * 1024


class Calls:
    """Sends requests with a token. `forge` is its name in messages, `api` the address without a trailing slash."""

    def __init__(
        self,
        forge: str,
        api: str,
        headers: Mapping[str, str],
        *,
        notice: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._forge, self._api, self._headers = forge, api.rstrip("/"), dict(headers)
        self._notice, self._sleep = notice, sleep

    def get(self, path: str) -> Answer:
        """Read; again where the service is busy or does not answer."""
        return self._answered("GET", path, None, is_safe=True)

    def pages(self, path: str) -> Iterator[Any]:
        """Read the entries of a list over all its pages."""
        for page in range(1, _MOST_PAGES + 1):
            sign = "&" if "?" in path else "?"
            entries = self.get(f"{path}{sign}per_page={_PAGE}&page={page}").value
            if not isinstance(entries, list):
                raise UnavailableError(f"{self._forge} answered with something else than a list", hint="try again")
            yield from entries
            if len(entries) < _PAGE:
                return
        raise RefusedError(f"there are more than {_PAGE * _MOST_PAGES:,} entries; nothing was written")

    def put(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Write what may be written twice without harm; that it is gone is an answer too."""
        return self._answered(method, path, body, is_safe=True, bears=(404, 410))

    def post(self, path: str, body: Mapping[str, Any]) -> Answer | None:
        """Write what must not be written twice: None where nobody knows whether it was."""
        answer = self._patient("POST", path, body, is_safe=False)
        if isinstance(answer, Silence) or answer.status >= 500:
            return None if isinstance(answer, Answer) or answer.was_sent else self._fail("POST", answer)
        return self._judged(answer)

    def _answered(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, is_safe: bool, bears: tuple[int, ...] = ()
    ) -> Answer:
        answer = self._patient(method, path, body, is_safe=is_safe)
        if isinstance(answer, Silence) or answer.status >= 500:
            return self._fail(method, answer)
        return answer if answer.status in bears else self._judged(answer)

    def _patient(self, method: str, path: str, body: Mapping[str, Any] | None, *, is_safe: bool) -> Answer | Silence:
        tried = 0
        while True:
            answer = ask(method, self._api + path, self._headers, body, most=_MOST_BYTES)
            tried += 1
            wait = _wait(answer, tried, is_safe=is_safe)
            if wait is None or tried >= _TRIES:
                return answer
            if wait > _LONGEST_WAIT:
                raise UnavailableError(
                    f"{self._forge} asks to wait {wait:,.0f} s, which is longer than this waits",
                    hint="run it again later",
                )
            if wait > _FIRST_WAIT:
                self._notice(f"{self._forge} is busy: waiting {wait:.0f} s")
            self._sleep(wait)

    def _judged(self, answer: Answer) -> Answer:
        said = answer.value.get("message") if isinstance(answer.value, dict) else None
        words = f": {said}"[:200] if isinstance(said, str) else ""
        if answer.status in (401, 403):
            raise CredentialsError(
                f"{self._forge} refused the token ({answer.status}){words}",
                hint="it needs the right to write comments on pull requests, or issues where those are kept",
            )
        if not 200 <= answer.status < 300:
            raise RefusedError(f"{self._forge} refused ({answer.status}){words}")
        return answer

    def _fail(self, method: str, answer: Answer | Silence) -> Answer:
        what = answer.reason if isinstance(answer, Silence) else f"error {answer.status}"
        raise UnavailableError(f"{self._forge} does not answer {method} requests: {what}", hint="try again later")


def _wait(answer: Answer | Silence, tried: int, *, is_safe: bool) -> float | None:
    """Return how many seconds to wait before the same request is sent again; None where it is not."""
    backoff = _FIRST_WAIT * 2 ** (tried - 1)
    if isinstance(answer, Silence):
        return backoff if is_safe or not answer.was_sent else None
    asked = _asked(answer)
    if answer.status == 429 or (answer.status == 403 and asked is not None):
        return backoff if asked is None else asked
    return backoff if is_safe and answer.status >= 500 else None


def _asked(answer: Answer) -> float | None:
    """Return how long a service asks to wait: `Retry-After`, or when a limit that is used up is filled again."""
    after = answer.headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return float(min(int(after[:9]), 10**9))
    names = (("x-ratelimit-remaining", "x-ratelimit-reset"), ("ratelimit-remaining", "ratelimit-reset"))
    for left, reset in names:
        moment = answer.headers.get(reset, "")
        if answer.headers.get(left) == "0" and moment.isascii() and moment.isdigit():
            return max(float(int(moment[:12])) - time.time(), 1.0)
    return None
