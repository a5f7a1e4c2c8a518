"""Which hosts a key may be sent to (contract: design, section 7).

A file in the repository names only the vendor's host or a loopback address. Any other host needs the operator's own
word in `OPENCX_API_URL`, so that a pull request cannot send the key elsewhere.
"""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from reconciler.core.hosts import is_loopback
from reconciler.errors import ConfigurationError
from reconciler.model.settings import SANDBOX, VENDOR_URL

OPERATOR_VARIABLE: Final = "OPENCX_API_URL"


def checked_api(api: str, *, where: str, operator_url: str | None) -> str:
    """Return the address without a trailing slash, or SANDBOX; ConfigurationError for one that may not be used."""
    if api == SANDBOX:
        return api
    address = api.rstrip("/")
    parts = _parts(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"{where}: `api` is no address of an API", hint=f'write "{VENDOR_URL}", "{SANDBOX}" or a loopback address'
        )
    if is_loopback(parts.hostname):
        return address
    if parts.scheme != "https":
        raise ConfigurationError(
            f"{where}: `api` must begin with https://; a key is never sent in the clear", hint="use https"
        )
    allowed = {VENDOR_URL, (operator_url or VENDOR_URL).rstrip("/")}
    if address not in allowed:
        raise ConfigurationError(
            f"{where}: `api` names {parts.hostname}, which a file in the repository may not choose",
            hint=f"whoever runs the tool may allow it by setting {OPERATOR_VARIABLE} to that very address",
        )
    return address


def _parts(address: str) -> SplitResult | None:
    """Split an address; None for one that holds more than a scheme, a host, a port and a path."""
    try:
        parts = urlsplit(address)
        well_formed = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return None if not well_formed or parts.query or parts.fragment or "@" in address else parts
