"""Links that sell in an e-mail that is called transactional: it reaches people who said no to marketing."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark, shown_url
from reconciler.core.lint.text import Text
from reconciler.model import rules

_ADDRESS: Final = re.compile(r"://[^\s\"'<>]+")
_TAGS: Final = r"[?&;](?:utm_[a-z]+|mc_cid|gclid|fbclid|campaign(?:_?id)?|promo(?:_?code)?|coupon(?:_?code)?)="
_WORDS: Final = (
    r"(?:sales?|offers?|deals?|promo|promos|promotions?|discounts?|coupons?|upgrade|campaigns?|black-?friday)"
)
_MAY_SELL: Final = re.compile(rf"{_TAGS}|[/_-]{_WORDS}(?![a-z0-9])")
# A tag of a campaign, or a path that ends in a word that sells: what stands before it may be a folder, as in
# `/sales/invoice/7`, and what follows may say what it is, as in `/upgrade-guide`. A year or a number may follow.
_SELLS: Final = re.compile(rf"{_TAGS}|^[^?#;/]*/(?:[^?#;]*[/_-])?{_WORDS}(?:[_-]\d+)*(?:\.[a-z]{{2,5}})?/?(?=[?#;]|$)")


def is_clean(text: Text) -> bool:
    """Tell whether the e-mail may sell, or surely does not."""
    return text.sells or not any(map(_MAY_SELL.search, _ADDRESS.findall(text.lowered)))


def look(text: Text) -> Iterator[Remark]:
    """Return the links that sell."""
    for link in () if text.sells else text.links:
        if _SELLS.search(link.url.lower().partition("://")[2]):
            yield Remark(
                rules.SELLING,
                f"this e-mail is called transactional, but `{shown_url(link.url)}` sells: "
                "it would reach people who unsubscribed from marketing",
                "take the link out, or set `email_is_transactional: false` and add a link to unsubscribe",
                link.start,
                link.length,
            )
