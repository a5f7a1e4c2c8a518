"""What every page of ours begins with: no network, no script, no referrer, and one style."""

from typing import Final

from reconciler.view.html.style import STYLE

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def page_head(title: str, style: str = "") -> str:
    """Return all up to and with the opened body; `title` is HTML already, `style` is added to the page's own."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{STYLE}{style}</style></head><body>"
    )
