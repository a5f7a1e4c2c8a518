"""What several sets of variables have in common: a manifest is read once for all that agree on the variables it names.

Lives as long as one run, for which the files count as they were when they were first read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.adapters.manifests.document import Refusal
from reconciler.adapters.manifests.manifest import ManifestReader, Reading

_Key: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Sharing:
    """Readings without an error, by path and by the variables that can be in them."""

    _readings: dict[_Key, Reading] = field(default_factory=dict)
    _named: dict[str, dict[str, bool]] = field(default_factory=dict)
    _data: dict[str, bytes] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was read yet."""
        return not self._readings

    def get(self, reader: ManifestReader, path: str) -> Reading | None:
        """Return what came of a manifest with the same variables; None where it has to be read."""
        return self._readings.get(self._key(path, reader.variables)) if path in self._data else None

    def put(self, reader: ManifestReader, path: str, reading: Reading) -> None:
        """Keep what came of a manifest. What has an error depends on more than the variables that it names."""
        if not reading.fingerprint or path in reader.given:
            return
        if path not in self._data:
            data = reader.data_of(path)
            if isinstance(data, Refusal):
                return
            self._data[path] = data
        self._readings[self._key(path, reader.variables)] = reading

    def _key(self, path: str, variables: Mapping[str, str]) -> _Key:
        """Take a name for named wherever its letters stand; where a backslash is, it may be written otherwise."""
        data, named = self._data[path], self._named.setdefault(path, {})
        if b"\\" in data:
            return path, tuple(variables.items())
        if b"$var" not in data:
            return path, ()
        for name in variables:
            if name not in named:
                named[name] = name.encode("utf-8", "surrogatepass") in data
        return path, tuple((name, value) for name, value in variables.items() if named[name])
