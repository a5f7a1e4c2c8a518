"""Text in HTML: what came from a manifest or a server is only ever text, and says itself what it hides."""

from html import escape

from reconciler.view.terminal import inert


def text(value: object) -> str:
    """Return anybody's words as HTML text, also fit for an attribute in double quotes."""
    return escape(inert(str(value)), quote=True)


def element(tag: str, *children: str, **attributes: str | None) -> str:
    """Return an element of children that are HTML already; attributes are anybody's words.

    `class_` and `for_` lose their line, and other lines become dashes.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{given}>{''.join(children)}</{tag}>"
