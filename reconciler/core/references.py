"""`{$sequence: custom_id}` inside a payload: replaced by the sequence's id wherever that id is known.

Done on the canonical bytes: there, a quote inside a text is always escaped, so the pattern can stand for nothing else.
Decoding and encoding ten thousand payloads for it would cost 230 ms where this costs 19.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from reconciler.model.jsonvalue import canonical
from reconciler.model.sequence import Payload

_REFERENCE: Final = re.compile(rb'\{"\$sequence":("(?:[^"\\]|\\.)*")\}')


def resolve(payload: Payload, ids: Mapping[str, str]) -> Payload:
    """Replace each reference whose id is known; the others stay as they are written."""

    def replacement(match: re.Match[bytes]) -> bytes:
        found = ids.get(json.loads(match[1]))
        return match[0] if found is None else canonical(found)

    return Payload(_REFERENCE.sub(replacement, payload.encoded))


def unresolved(payload: Payload) -> tuple[str, ...]:
    """Return the custom_ids that the payload still refers to by name, sorted."""
    return tuple(sorted({json.loads(match[1]) for match in _REFERENCE.finditer(payload.encoded)}))
