"""The manifest into which an example's keys are put: valid, plain, and free of anything that a rule could warn of."""

import re
from typing import Final

from reconciler.core.rulebook.rule import Example

SAMPLE: Final = """\
custom_id: welcome
name: Welcome
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
steps:
  - action:
      type: send_sms_messages
      data:
        message: Welcome to Example. Reply STOP to end.
    delay_in_minutes: 0
"""
_TOP_LEVEL: Final = re.compile(r"^(?=\S)(?!#)", re.MULTILINE)


def manifest_of(example: Example) -> bytes:
    """Return the bytes of an example's manifest."""
    if isinstance(example.whole, bytes):
        return example.whole
    if example.whole is not None:
        return example.whole.encode()
    sample = {_key(part): part for part in _parts(SAMPLE)}
    given = _parts(example.keys)
    kept = "".join(part for key, part in sample.items() if key not in {_key(each) for each in given})
    return (kept + "".join(given)).encode()


def _parts(text: str) -> list[str]:
    """Cut a mapping's text before each of its top-level keys; comments stay with the key before them."""
    return [part for part in _TOP_LEVEL.split(text) if part.strip()]


def _key(part: str) -> str:
    return part.partition(":")[0].strip()
