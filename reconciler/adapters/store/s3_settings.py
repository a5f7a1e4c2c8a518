"""Where a bucket is, from the environment variables that every tool for S3 knows; credentials are obstore's matter.

obstore itself reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, a web identity, the roles of
containers and instances, and what concerns encryption.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from reconciler.core.hosts import is_loopback
from reconciler.errors import ConfigurationError

# What the services themselves fall back to.
_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the service is: `endpoint` None means Amazon's own in that region. Plain HTTP is only for loopback."""

    region: str
    endpoint: str | None
    is_plain: bool


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return what the environment says; ConfigurationError for an endpoint that nothing should be sent to."""
    _refuse_profile(environ)
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or _REGION
    name = next((each for each in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT") if environ.get(each)), "")
    if not name:
        return Settings(region=region, endpoint=None, is_plain=False)
    return Settings(region=region, endpoint=environ[name].rstrip("/"), is_plain=_is_plain(name, environ[name]))


def require_place(bucket: str, key: str) -> None:
    """ConfigurationError for a bucket or a key that cannot be one."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", bucket):
        raise ConfigurationError(
            f"`{bucket}` is not the name of a bucket",
            hint="it has 3 to 63 of a-z, 0-9, `.` and `-`: state = s3://BUCKET/KEY",
        )
    segments = key.split("/")
    if any(each in ("", ".", "..") for each in segments) or not key.isprintable() or len(key.encode()) > 512:
        raise ConfigurationError(
            f"`{key!a}` cannot be the key of a state",
            hint="name an object, with neither empty nor dotted segments, in at most 512 bytes: s3://BUCKET/KEY",
        )


def _is_plain(name: str, endpoint: str) -> bool:
    """Tell whether it is plain HTTP to this machine; what is neither that nor HTTPS is refused, and not shown."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError(f"{name} is not the URL of a service", hint="it looks like https://HOST[:PORT]")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return parts.scheme == "http"
    raise ConfigurationError(
        f"{name} names {host} without https: state and signatures would be readable on the way",
        hint="use https; plain http is only for this machine (127.0.0.1, ::1, localhost)",
    )


def _refuse_profile(environ: Mapping[str, str]) -> None:
    """AWS_PROFILE alone would be passed over silently, and a role of this machine be asked for instead."""
    others = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if environ.get("AWS_PROFILE") and not any(environ.get(each) for each in others):
        raise ConfigurationError(
            "AWS_PROFILE is set, but profiles are not read: credentials come from the environment or from a role",
            hint='put them there first: eval "$(aws configure export-credentials --format env)"',
        )
