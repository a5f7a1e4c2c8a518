"""What became of each sequence that was imported, for people and for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from reconciler.model.imported import Imported, ImportStatus
from reconciler.model.jsonvalue import ABSENT, MaybeJson
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.pointer import to_pointer
from reconciler.view.terminal import Paint, inert_line
from reconciler.view.words import counted

_COLORS: Final = {ImportStatus.REFUSED: "red", ImportStatus.NOT_REACHED: "yellow", ImportStatus.WRITTEN: "green"}
_WORDS: Final = {
    ImportStatus.WRITTEN: "written",
    ImportStatus.RECORDED: "recorded",
    ImportStatus.WOULD_WRITE: "would be written",
    ImportStatus.IN_STEP: "in step already",
    ImportStatus.REFUSED: "refused",
    ImportStatus.NOT_REACHED: "not reached",
}
_LONGEST: Final = 60


def import_document(environment: str, results: Iterable[Imported]) -> dict[str, Any]:
    """Return what became of each as a document (schema: `import.schema.json`)."""
    listed = list(results)
    counts = Counter(each.status for each in listed)
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "summary": {status.value: counts[status] for status in ImportStatus},
        "sequences": [_sequence(each) for each in listed],
    }


def _sequence(each: Imported) -> dict[str, Any]:
    return {
        "asked": each.asked,
        "custom_id": each.custom_id,
        "id": each.id,
        "status": each.status.value,
        "files": list(each.files),
        "detail": each.detail,
        "notes": list(each.notes),
        "left": list(each.left),
        "contested": [
            {
                "path": to_pointer(field.path),
                **{
                    name: value
                    for name, value in (
                        ("recorded", field.recorded),
                        ("desired", field.desired),
                        ("live", field.live),
                    )
                    if value is not ABSENT
                },
            }
            for field in each.contested
        ],
    }


def import_text(results: Sequence[Imported], paint: Paint) -> str:
    """Return a paragraph for each, and a line for all."""
    lines = [line for each in results for line in _lines(each, paint)]
    counts = Counter(each.status for each in results)
    summary = ", ".join(f"{counts[status]} {_WORDS[status]}" for status in ImportStatus if counts[status])
    return "\n".join([*lines, paint(f"{counted(len(results), 'sequence')}: {summary}.", "bold")]) + "\n"


def _lines(each: Imported, paint: Paint) -> Iterator[str]:
    word = paint(_WORDS[each.status], _COLORS.get(each.status, "dim"))
    name = inert_line(each.custom_id or each.asked)
    where = f" as {inert_line(', '.join(each.files))}" if each.files else ""
    said = f": {inert_line(each.detail)}" if each.detail else ""
    yield f"{paint(name, 'bold')} {word}{where}{said}"
    for note in each.notes:
        yield f"  {paint('!', 'yellow')} {inert_line(note)}"
    for field in each.contested:
        yield f"  {inert_line(to_pointer(field.path))}"
        for word, value in (("recorded", field.recorded), ("manifest", field.desired), ("live", field.live)):
            yield f"    {word:<8}  {_shown(value)}"
    if each.status in (ImportStatus.WRITTEN, ImportStatus.RECORDED, ImportStatus.WOULD_WRITE):
        left = ", ".join(map(inert_line, each.left))
        yield f"  the next plan still changes {left}" if left else "  the next plan has nothing to do here"


def _shown(value: MaybeJson) -> str:
    text = "(nothing)" if value is ABSENT else inert_line(repr(value) if not isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
