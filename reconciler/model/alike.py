"""Records that are those of another state but for their ids, made when somebody asks for one."""

from collections.abc import Callable, Iterator, KeysView, Mapping
from dataclasses import replace

from reconciler.model.sequence import Payload, Record


class AlikeRecords(Mapping[str, Record]):
    """The records `of` another state, with other `ids` by custom_id, in the same order.

    `payload` returns what is applied under a name, where that holds ids of `of`; None where it is the very same.
    """

    __slots__ = ("_payload", "ids", "of")

    def __init__(
        self, of: Mapping[str, Record], ids: Mapping[str, str], payload: Callable[[str], Payload | None]
    ) -> None:
        self.of = of
        self.ids = ids
        self._payload = payload

    def __getitem__(self, name: str) -> Record:
        there = self.of[name]
        return replace(there, id=self.ids[name], applied=self._payload(name) or there.applied)

    def __iter__(self) -> Iterator[str]:
        return iter(self.of)

    def __contains__(self, name: object) -> bool:
        # Without making the record, as a Mapping would.
        return name in self.of

    def __len__(self) -> int:
        return len(self.of)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self.ids.keys()
