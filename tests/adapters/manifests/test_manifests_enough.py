"""Very much that is wrong with one manifest: how much work it makes, and that whoever reads knows there is more."""

from collections.abc import ItemsView
from pathlib import Path
from typing import Any

from reconciler.adapters.manifests.document import Layout
from reconciler.adapters.manifests.reader import locate
from reconciler.core.enough import MOST_OF_MANIFEST, enough_of_manifest, first_of
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity, Span
from reconciler.model.pointer import Path as Pointer
from tests.adapters.manifests.manifest_files import load_all, manifest, write


class Places(dict[Pointer, tuple[Span | None, Span]]):
    """Places that count how often somebody goes through all of them."""

    looks = 0

    def items(self) -> ItemsView[Pointer, tuple[Span | None, Span]]:
        self.looks += 1
        return super().items()


def test_a_thousand_entries_without_their_keys_are_placed_by_one_look_at_the_others() -> None:
    data = b"steps:\n" + b"- {}\n" * 1000 + b"- {a: 1}\n"
    places = Places(locate(data).places)
    layout = Layout(result=locate(data).result, places=places)
    spans = [layout.place(("steps", at), at_key=True) for at in range(1001)]
    assert [(span.line, span.column) for span in spans] == [*((at + 2, 3) for at in range(1000)), (1002, 4)]
    assert places.looks == 1


def test_what_is_placed_at_a_key_of_its_own_needs_no_look_at_the_others() -> None:
    data = b"a: {b: 1}\n"
    places = Places(locate(data).places)
    assert Layout(result=locate(data).result, places=places).place(("a", "b"), at_key=True).column == 5
    assert places.looks == 0


def test_a_manifest_is_not_read_again_for_each_question_about_its_places() -> None:
    data = b"a: 1\nb: 2\n"
    assert locate(data) is locate(bytes(bytearray(data)))


def test_so_many_are_told_and_how_many_more() -> None:
    def more(first: str, others: int) -> str:
        return f"{first}+{others}"

    assert first_of("abc", 3, more) == ("a", "b", "c")
    assert first_of("abcd", 3, more) == ("a", "b", "c", "d")
    assert first_of("abcde", 3, more) == ("a", "b", "c", "d+2")


def warning(at: int) -> Finding:
    return Finding(rule=rules.REPEATED, severity=Severity.WARNING, message="twice", path=("filter", at))


def test_of_very_many_warnings_a_thousand_are_told() -> None:
    *told, last = enough_of_manifest(map(warning, range(1500)))
    assert told == [warning(at) for at in range(MOST_OF_MANIFEST)]
    assert (last.rule, last.severity, last.path) == (rules.TOLD_ENOUGH, Severity.WARNING, ("filter", 1000))
    assert last.message == "500 more warnings of this manifest are not listed; this is the place of the first"


def test_errors_are_told_before_warnings() -> None:
    error = Finding(rule=rules.OUT_OF_RANGE, message="too much", path=("steps",))
    enough = Finding(rule=rules.TOLD_ENOUGH, message="there may be more", path=())
    told = enough_of_manifest([*map(warning, range(1500)), error, enough])
    assert told[:2] == (enough, error)
    assert len(told) == MOST_OF_MANIFEST + 1
    assert told[-1].message.startswith("502 more warnings ")
    assert not any(each.severity is Severity.ERROR for each in told[2:])


def test_only_the_first_hundred_instructions_that_fail_are_told(tmp_path: Path) -> None:
    step = "  - {action: {type: send_sms_messages, data: {message: {$var: nobody}}}, delay_in_minutes: 0}\n"
    write(tmp_path, {"a.yaml": manifest("a").partition("  - action")[0] + step * 150})
    *told, last = load_all(tmp_path).diagnostics
    assert len(told) == 100
    assert last.rule == rules.UNKNOWN_VARIABLE
    assert last.message == "50 more instructions of this manifest fail, from here on: they are not listed"


def test_a_manifest_of_warnings_alone_stays_one(tmp_path: Path) -> None:
    def inspect(*_: Any) -> tuple[Finding, ...]:
        return tuple(
            Finding(rule=rules.REPEATED, severity=Severity.WARNING, message=f"{at}", path=()) for at in range(1200)
        )

    write(tmp_path, {"a.yaml": manifest("a")})
    found = load_all(tmp_path, inspect=inspect)
    assert len(found.diagnostics) == MOST_OF_MANIFEST + 1
    assert [each.custom_id for each in found.desired] == ["a"]


def test_where_not_every_mistake_was_looked_for_no_field_is_taken_for_sound(tmp_path: Path) -> None:
    looked = []

    def check(*_: Any) -> tuple[Finding, ...]:
        return (Finding(rule=rules.TOLD_ENOUGH, message="there may be more", path=()),)

    def inspect(*given: Any) -> tuple[Finding, ...]:
        looked.append(given)
        return ()

    write(tmp_path, {"a.yaml": manifest("a"), "b.yaml": manifest("b").replace("Name of b", "no")})
    assert [each.rule for each in load_all(tmp_path, check=check, inspect=inspect).diagnostics].count("OCX008") == 2
    assert looked == []


def test_where_not_every_failed_instruction_is_told_no_field_is_taken_for_sound(tmp_path: Path) -> None:
    looked = []

    def inspect(*given: Any) -> tuple[Finding, ...]:
        looked.append(given)
        return ()

    text = manifest("a", body="{$file: nowhere.txt}").replace("Name of a", f"[{'{$file: nowhere.txt}, ' * 150}]")
    write(tmp_path, {"a.yaml": text})
    assert len(load_all(tmp_path, inspect=inspect).diagnostics) == 101
    assert looked == []
