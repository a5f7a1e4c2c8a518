"""How many columns of a terminal text takes: wide characters take two, combining ones none."""


def columns(text: str) -> int:
    """Return the columns of text on one line, of which nothing moves the cursor otherwise."""
    if text.isascii():
        return len(text)
    # Imported where it is needed: it has a table for each version of Unicode.
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)
