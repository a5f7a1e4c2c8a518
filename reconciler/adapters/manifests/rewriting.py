"""A file that is changed in form alone: what is written reads back to the same value, or nothing is written."""

from collections.abc import Callable
from typing import TypeAlias

from reconciler.adapters.manifests.characters import BOM
from reconciler.adapters.manifests.document import Document, Malformed, Value
from reconciler.adapters.manifests.formatting import arrange
from reconciler.adapters.manifests.leaves import Order
from reconciler.adapters.manifests.reader import read
from reconciler.adapters.manifests.syntax import UnusualError, parse
from reconciler.model.jsonvalue import strictly_equal

OrderOf: TypeAlias = Callable[[Value], Order]


def formatted(data: bytes, order_of: OrderOf) -> bytes | Malformed:
    """Return a manifest's bytes in canonical form, or why they are no manifest.

    What is written in a form that is valid and too rare to be rearranged safely comes back as it is. `order_of` returns
    the order of the keys of each mapping in a value.
    """
    document = read(data)
    if isinstance(document, Malformed):
        return document
    text = data.decode("utf-8").removeprefix(BOM)
    line_break = "\r\n" if "\r\n" in text.partition("\n")[0] + "\n" else "\n"
    plain = text.replace("\r\n", "\n")
    # A file with anchors can depend on its order: an alias stands behind what it names.
    for order in (order_of(document.value), {}):
        try:
            changed = _arranged(plain, document, order).replace("\n", line_break).encode()
        except UnusualError:
            continue
        if changed == data or _means(changed, document):
            return changed
    return data


def _arranged(text: str, document: Document, order: Order) -> str:
    if text.endswith("\n"):
        return arrange(parse(text), order, is_unended=False)
    head, line_break, last = text.rpartition("\n")
    if head and not last.strip() and _means((head + line_break).encode(), document):
        return arrange(parse(head + line_break), order, is_unended=False)
    text += "\n"
    return arrange(parse(text), order, is_unended=not _means(text.encode(), document))


def _means(data: bytes, document: Document) -> bool:
    result = read(data)
    return isinstance(result, Document) and strictly_equal(result.value, document.value)
