"""Small manifests as text, and the trivial judges that the tests of reading give to `load`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.adapters.manifests.load import Loaded, load


def accept(*_: Any) -> tuple[()]:
    return ()


def manifest(custom_id: str, *, refers_to: tuple[str, ...] = (), body: str = "Hello", extra: str = "") -> str:
    conditions = "".join(
        f"\n        - type: contacts_affected_by_sequence\n          sequence_id: {{$sequence: {name}}}"
        for name in refers_to
    )
    return f"""custom_id: {custom_id}
name: Name of {custom_id}
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: some-segment{conditions}
steps:
  - action:
      type: send_sms_messages
      data:
        message: {body}
    delay_in_minutes: 0
{extra}"""


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / "sequences" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def load_all(root: Path, *, variables: Mapping[str, str] | None = None, **more: Any) -> Loaded:
    judges = {"check": accept, "inspect": accept}
    return load(root, "sequences", variables=variables or {}, **{**judges, **more})


def said(loaded: Loaded) -> list[str]:
    """Return each diagnostic as `file:line:column rule`."""
    return [f"{each.file}:{each.span.line}:{each.span.column} {each.rule}" for each in loaded.diagnostics]
