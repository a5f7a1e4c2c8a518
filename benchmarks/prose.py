"""Believable words for generated manifests, chosen by a generator of numbers that never changes."""

import random
from collections.abc import Sequence
from typing import Final, TypeVar

_T = TypeVar("_T")

PRODUCTS: Final = ("Fernleaf", "Brightpot", "Mossworks", "Gardenia", "Potting Shed")
TEAMS: Final = ("lifecycle-team", "growth-team", "support-team", "shop-team", "legal-team", "success-team")
NAMES: Final = ("Ada Example", "Grace Example", "Alan Example", "Edsger Example", "Barbara Example", "Zoë Example")
_OPENINGS: Final = (
    "Thank you for trying us out.",
    "It has been a while since we last heard from you.",
    "Here is what changed since your last visit.",
    "Your trial ends soon, and nothing will be lost.",
    "Good news: what you asked for is finally here.",
)
_SENTENCES: Final = (
    "Open your account and add the first plant; it takes less than a minute.",
    "You can change how often we write to you at any time, in your settings.",
    "Most people begin with a template and adapt it to their own home later.",
    "If something does not work as it should, answer this message: a person reads it.",
    "The reminder comes in the morning unless you choose another time of day.",
    "Watering too much does more harm than watering too little, so we ask twice.",
    "Your colleagues can help: invite them, and each of you sees the same list.",
    "Nothing is charged before the end of the month, whatever you try until then.",
    "Prices are shown with tax, and you can cancel with two clicks.",
    "This week we look at light: how much is enough, and how you can tell.",
    "Some leaves turn yellow in winter; that is no reason to worry.",
    "Your data stays with us, is deleted when you ask for it, and is never sold.",
)
_SUBJECTS: Final = (
    "Welcome to {product}",
    "Three habits for the first week with {product}",
    "{product}: your plants miss you",
    "A quick question about your last order",
    'What "low light" really means',
    "Your trial: two days left",
    "Re: your talk with {product} support",
)
_TEXTS: Final = (
    "{product} here. Add your first plant at https://example.com/a{number} and we remind you. Reply STOP to end.",
    "Your order is on its way: https://example.com/o{number}. Reply STOP to end.",
    "{product}: two questions about your talk with us, https://example.com/s{number} - thank you! Reply STOP to end.",
)


class Chooser:
    """Choices that are the same for the same seed, on every machine and with every version of Python."""

    def __init__(self, seed: str) -> None:
        # Only `random()` promises the same numbers in all versions, so everything is made of it.
        self._random = random.Random(seed).random  # noqa: S311 - nothing here is a secret

    def below(self, limit: int) -> int:
        """Return a number from 0 to below the limit."""
        return int(self._random() * limit)

    def one(self, options: Sequence[_T]) -> _T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[_T], count: int) -> list[_T]:
        """Return so many different options, in the order in which they stand."""
        left = list(range(len(options)))
        taken = sorted(left.pop(self.below(len(left))) for _ in range(min(count, len(left))))
        return [options[position] for position in taken]

    def chance(self, percent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self.below(100) < percent

    def uuid(self) -> str:
        """Return a random uuid of version 4."""
        digits = "".join("0123456789abcdef"[self.below(16)] for _ in range(30))
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"

    def moment(self, year: int) -> str:
        """Return a date-time in a year."""
        return f"{year}-{1 + self.below(12):02}-{1 + self.below(28):02}T{self.below(24):02}:00:00Z"


def subject(choose: Chooser, product: str) -> str:
    """Return the subject of an e-mail; some hold characters that YAML wants quoted."""
    return choose.one(_SUBJECTS).format(product=product)


def text(choose: Chooser, product: str) -> str:
    """Return a text message."""
    return choose.one(_TEXTS).format(product=product, number=choose.below(10_000))


def html(choose: Chooser, product: str) -> list[str]:
    """Return the lines of an e-mail's body of about 1 KB."""
    paragraphs = [f"  <p>{choose.one(_SENTENCES)}" + f"\n  {choose.one(_SENTENCES)}</p>" for _ in range(4)]
    return [
        "<html>",
        "<body>",
        f'  <div style="display: none">News of your plants, from {product}.</div>',
        f"  <h1>{product}</h1>",
        "  <p>Hello {{contact.name}},</p>",
        f"  <p>{choose.one(_OPENINGS)}</p>",
        *"\n".join(paragraphs).split("\n"),
        f'  <p><a href="https://example.com/{choose.uuid()}">Open {product}</a></p>',
        '  <p class="small">You get this because you have an account. <a href="https://example.com/stop">Unsubscribe</a></p>',
        "</body>",
        "</html>",
    ]
