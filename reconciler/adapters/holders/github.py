"""Asking GitHub whether a workflow run is over (REST, "Get a workflow run")."""

import json
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from reconciler.core.hosts import is_loopback

SECONDS: Final = 10.0
_MOST_BYTES: Final = 1024 * 1024


def is_completed(repository: str, run: str, variables: Mapping[str, str]) -> bool:
    """Tell whether the API of this CI says so; False where it cannot be asked, or says anything else.

    The token goes to nobody but the API that the CI's own environment names.
    """
    api, token = variables.get("GITHUB_API_URL", ""), variables.get("GITHUB_TOKEN", "")
    if not token or not _may_be_asked(api) or "/../" in f"/{repository}/" or "/./" in f"/{repository}/":
        return False
    answer = _get(f"{api.rstrip('/')}/repos/{repository}/actions/runs/{run}", token)
    return isinstance(answer, dict) and answer.get("status") == "completed" and answer.get("id") == int(run)


def _may_be_asked(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _get(url: str, token: str) -> object:
    import httpx

    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "Accept-Encoding": "identity",
    }
    deadline, local = time.monotonic() + SECONDS, is_loopback(urlsplit(url).hostname or "")
    try:
        with httpx.stream(
            "GET", url, headers=headers, timeout=SECONDS, follow_redirects=False, trust_env=not local
        ) as response:
            if response.status_code != httpx.codes.OK:
                return None
            body = b""
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > _MOST_BYTES or time.monotonic() > deadline:
                    return None
        return json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        return None
