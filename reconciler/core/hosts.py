"""Which hosts are this very machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address never leaves the machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
