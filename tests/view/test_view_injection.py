"""Every payload in every place that a manifest, state, an answer of the server or a file's name can bring, through
every drawing: a parser of each format says whether any of them became more than text."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import justhtml
import pytest

from reconciler.app.approve import read_saved_plan
from reconciler.core.codec.plan import to_document
from reconciler.core.sticky import mark_of, marked, with_result
from reconciler.model.change import Action
from reconciler.model.comment import Mark
from reconciler.model.diagnostic import Diagnostic, Severity, Span
from reconciler.model.jsonvalue import decoded
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import Live, Reading
from reconciler.sandbox.keys import FULL_KEY
from reconciler.view.annotations import annotations
from reconciler.view.apply_text import apply_text
from reconciler.view.code_quality import code_quality
from reconciler.view.diagnostics_text import Telling, concise_text, diagnostics_text
from reconciler.view.documents import diagnostics_document, json_text, terraform_document
from reconciler.view.html.plan import plan_html
from reconciler.view.markdown.apply import apply_markdown
from reconciler.view.markdown.plan import plan_markdown
from reconciler.view.plan_text import Drawing, plan_text
from reconciler.view.sarif import sarif
from reconciler.view.terminal import Paint
from tests.scenarios.workbench import Repository
from tests.view.drawn_plans import DIGEST, ORG, desired, email, payload, plan
from tests.view.markdown_parser import OURS, rendered
from tests.view.payloads import PAYLOADS

# What a terminal or a runner would obey; colours of ours are off.
OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|##\\[|^\\s*::", re.M
)
PLAIN = Paint(enabled=False)
# What the page is made of; inside a frame there is more, and nothing of it can be followed.
TAGS = frozenset(
    "html head meta title style body header h1 h2 h3 h4 h5 ul li b code div fieldset legend label input span main "  # noqa: SIM905
    "details summary p svg path text g rect pre iframe dl dt dd mark br strong table thead tbody tr th td del ins "
    "footer".split()
)
FOLLOWED = frozenset({"href", "src", "action", "formaction", "ping", "poster", "data", "background", "srcset"})


def hostile(words: tuple[str, ...]) -> Plan:
    """One plan with each word in a name, a subject, a body, an SMS, a filter, a status, a file's name and a reason."""
    wanted, records, readings = [], {}, dict[str, Reading]()
    for number, word in enumerate(words):
        name = f"s{number}"
        condition = {"type": "contacts_attributes_in", "attributes": [{word: word}]}
        steps: list[dict[str, Any]] = [
            {**email(word, number, f"<p>{word}</p>\n{word}"), "extra": {word: word}},
            {"action": {"type": "send_sms_messages", "data": {"message": word}}, "delay_in_minutes": 1},
            {"action": {"type": word, "data": {word: word}}, "delay_in_minutes": 1},
        ]
        each = desired(name, name=word, steps=steps, filter={"or": [{"and": [condition]}]})
        if number % 3:
            records[name] = payload(name, name=f"was {word}", steps=[email(f"was {word}", 5, f"<b>{word}")])
        if number % 3 == 2:
            moved = payload(name, name=f"live {word}", steps=steps[::-1], filter={"or": [{"and": [{"type": word}]}]})
            readings[name] = Live(id=f"id-{name}", org_id=ORG, payload=moved, status=word)
        assert each.source is not None
        wanted.append(replace(each, source=replace(each.source, file=f"sequences/{word}.yaml")))
    made = plan(*wanted, records=records, readings=readings)
    changes = tuple(
        replace(each, reason=f"{each.reason}: {word}") for each, word in zip(made.changes, words, strict=True)
    )
    said = tuple(Violation(rule=word, message=word, custom_id=word) for word in words)
    return replace(made, environment=words[0], changes=changes, violations=said, warnings=said)


def saved(words: tuple[str, ...]) -> Plan:
    """The hostile plan as it comes back from its file: written as JSON, read, judged whole, and decoded."""
    return read_saved_plan(decoded(json_text(to_document(hostile(words)))))


def diagnostics(words: tuple[str, ...]) -> list[Diagnostic]:
    span = Span(line=3, column=5, end_line=3, end_column=9)
    return [
        Diagnostic(rule="OCX001", severity=severity, message=word, hint=word, file=word, span=span, path=word)
        for word in words
        for severity in Severity
    ]


def applied(words: tuple[str, ...]) -> dict[str, Any]:
    outcomes = [{"custom_id": word, "id": word, "action": word, "status": word, "detail": word} for word in words]
    said = [{"message": word} for word in words]
    return {"outcomes": outcomes, "violations": said, "error": {"message": words[0]}}


def outcomes(words: tuple[str, ...]) -> list[Outcome]:
    return [
        Outcome(custom_id=word, id=word, action=Action.UPDATE, status=Status.REJECTED, detail=word) for word in words
    ]


def texts(words: tuple[str, ...]) -> Iterator[str]:
    made = hostile(words)
    for verbose in (False, True):
        yield plan_text(made, DIGEST, Drawing(paint=PLAIN, width=80, verbose=verbose))
        yield plan_text(saved(words), DIGEST, Drawing(paint=PLAIN, width=80, verbose=verbose))
    yield apply_text(words[0], outcomes(words), Drawing(paint=PLAIN))
    yield concise_text(diagnostics(words))
    found = diagnostics(words)
    yield diagnostics_text(1, found, [None] * len(found), Telling(paint=PLAIN, width=80, breaks=True))


def judge_texts(words: tuple[str, ...]) -> None:
    for text in texts(words):
        found = OBEYED.search(text)
        assert not found, text[max(found.start() - 80, 0) : found.end() + 40]


def judge_annotations(words: tuple[str, ...]) -> None:
    for start in range(0, len(words), 10):
        for line in annotations(diagnostics(words[start : start + 10]), prefix="").splitlines():
            found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
            assert found or not line.lstrip().startswith("::"), line
            assert "##[" not in line
            if found and found[1] != "notice":
                keys = {pair.partition("=")[0] for pair in found[2].split(",")}
                assert keys == {"file", "line", "endLine", "col", "endColumn", "title"}


def judge_documents(words: tuple[str, ...]) -> None:
    made, found = hostile(words), diagnostics(words)
    for document in (
        to_document(made),
        to_document(saved(words)),
        terraform_document(saved(words)),
        diagnostics_document(1, found),
        code_quality(found, prefix=""),
        sarif(found, {}, prefix=""),
        applied(words),
    ):
        text = json_text(document)
        assert json.loads(text) == json.loads(json.dumps(document))
        assert text.isascii()
        assert not OBEYED.search(text)
    for result in sarif(found, {}, prefix="")["runs"][0]["results"]:
        assert not re.search(r"\]\(", result["message"]["text"])
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[\w./~%-]*", uri, re.ASCII), uri


def judge_markdown(words: tuple[str, ...]) -> None:
    made = saved(words)
    documents = [plan_markdown(made, DIGEST, None, longest=10**8)]
    assert documents[0] == plan_markdown(hostile(words), DIGEST, None, longest=10**8)
    # Refusals and results are counted above forty.
    for start in range(0, len(words), 40):
        some = words[start : start + 40]
        said = tuple(Violation(rule=word, message=word, custom_id=word) for word in some)
        documents.append(plan_markdown(replace(made, changes=(), violations=said, warnings=said), some[-1], None))
        documents.append(apply_markdown(applied(some)))
    for text in documents:
        judge_one_markdown(text)
    assert all(each in text for text in documents[:1] for each in ("### Plan for", DIGEST))


def judge_one_markdown(text: str) -> None:
    found = rendered(text)
    assert {tag for tag, _ in found.tags} <= OURS
    assert all(set(attributes) <= {"lang"} for _, attributes in found.tags)
    assert {attributes.get("lang") for _, attributes in found.tags} <= {None, "text", "diff", "mermaid"}
    assert found.comments == []
    for sign in ("@", "#", "://", "www.", "evil", "$"):
        assert sign not in found.loud, sign
    assert not OBEYED.search(text)
    assert "flowchart" in found.diagrams or "```mermaid\nflowchart" not in text
    assert "evil" not in found.diagrams


def judge_mark(words: tuple[str, ...]) -> None:
    for word in words:
        mark = Mark(key=word, digest=word, commit=word, run=1)
        body = marked(mark, "the text\n")
        assert mark_of(body) == mark
        found = rendered(body)
        assert (len(found.comments), found.loud.strip()) == (1, "the text")
        # A result that tries to be a mark or the end of its part is still the result, and the mark is still the mark.
        assert mark_of(with_result(body, apply_markdown(applied((word,))))) == mark


def nodes(html: str) -> Iterator[Any]:
    left = [justhtml.JustHTML(html, sanitize=False).root]
    while left:
        node = left.pop()
        yield node
        left.extend(node.children or ())


def judge_html(words: tuple[str, ...]) -> None:
    html = plan_html(saved(words), DIGEST, None)
    assert html == plan_html(hostile(words), DIGEST, None)
    frames = 0
    for node in nodes(html):
        if not isinstance(node, justhtml.Element):
            assert node.name in ("#text", "#document", "!doctype"), node.name
            continue
        assert node.name in TAGS, node.name
        assert not any(name.startswith("on") or name in FOLLOWED or name == "style" for name in node.attrs), node.attrs
        if node.name == "iframe":
            frames += 1
            assert node.attrs["sandbox"] == ""
            judge_frame(node.attrs["srcdoc"])
        if node.name in ("style", "title"):
            assert node.name == "title" or "evil" not in "".join(child.data or "" for child in node.children)
    assert frames >= len(words)
    assert not OBEYED.search(html)


def judge_frame(srcdoc: str) -> None:
    for node in nodes(srcdoc):
        if isinstance(node, justhtml.Element):
            assert node.name not in {
                "script",
                "iframe",
                "object",
                "embed",
                "link",
                "form",
                "portal",
                "frameset",
                "frame",
            }
            assert node.name != "meta" or node.attrs.keys() == {"charset"}
            assert node.name != "base" or node.attrs.keys() == {"target"}
            assert not any(name.startswith("on") or name in FOLLOWED for name in node.attrs), node.attrs
            assert "url(" not in (node.attrs.get("style") or "")


JUDGES = (judge_texts, judge_annotations, judge_documents, judge_markdown, judge_mark, judge_html)


@pytest.mark.parametrize("judge", JUDGES, ids=lambda each: each.__name__)
def test_no_payload_is_active_in_any_drawing(judge: Callable[[tuple[str, ...]], None]) -> None:
    assert len(PAYLOADS) >= 500
    try:
        judge(PAYLOADS)
    except AssertionError:
        # Halved until one is left: that one is named.
        guilty: tuple[str, ...] = PAYLOADS
        while len(guilty) > 1:
            half = guilty[: len(guilty) // 2]
            guilty = half if fails(judge, half) else guilty[len(guilty) // 2 :]
        judge(guilty)
        raise


def fails(judge: Callable[[tuple[str, ...]], None], words: tuple[str, ...]) -> bool:
    try:
        judge(words)
    except AssertionError:
        return True
    return False


PEOPLE = {
    "email_in": "canary.person@people.example",
    "phone_number_in": "+15555550177",
    "contact_ids": "3f1c2b6a-0000-4f7a-9b1c-5e6d7f8a9ca7",
    "name_in": "Canary Person",
}


def spellings(text: str) -> set[str]:
    data = text.encode()
    return {
        text,
        quote(text, safe=""),
        data.hex(),
        base64.b64encode(data).decode().rstrip("=")[:-1],
        base64.b64encode(b" " + data).decode()[4:-4],
        "".join(f"\\u{ord(each):04x}" for each in text),
        text[::-1],
    }


def people_plan() -> Plan:
    def audience(*more: str) -> dict[str, Any]:
        conditions = [{"type": f"contacts_{key}", key: [*more, value]} for key, value in PEOPLE.items()]
        return {"or": [{"and": [each]} for each in conditions]}

    return plan(
        desired("new", filter=audience()),
        desired("changed", filter=audience("other")),
        desired("kept", name="New name", filter=audience()),
        records={"changed": payload("changed", filter=audience()), "kept": payload("kept", filter=audience())},
        readings={
            "kept": Live(
                id="id-kept", org_id=ORG, payload=payload("kept", name="x", filter=audience()), status="active"
            )
        },
    )


def test_people_stand_in_no_drawing_but_the_difference_of_that_very_field_in_a_terminal_and_in_json() -> None:
    made = people_plan()
    drawings = {
        "markdown": plan_markdown(made, DIGEST, None),
        "html": plan_html(made, DIGEST, None),
        "text": plan_text(
            replace(made, changes=tuple(each for each in made.changes if each.custom_id != "changed")),
            DIGEST,
            Drawing(paint=PLAIN, verbose=True),
        ),
    }
    for name, text in drawings.items():
        for person in PEOPLE.values():
            assert [each for each in spellings(person) if each.lower() in text.lower()] == [], name
    whole = plan_text(made, DIGEST, Drawing(paint=PLAIN, verbose=True))
    assert all(whole.count(person) <= 2 for person in PEOPLE.values())


def test_the_key_stands_in_no_drawing(http: Repository) -> None:
    told = []
    http.write("welcome")
    for change in ("Welcome", "Other"):
        http.write("welcome", name=change)
        for format_ in ("text", "json", "markdown", "html"):
            told += [http.run("plan", "--refresh", "all", "--format", format_, "--out", str(http.root / "plan.json"))]
            told += [http.run("-v", "show", "plan.json", "--format", format_)]
        told += [http.run("apply", "--yes", "--format", "json"), http.run("state", "pull")]
    assert [each.code for each in told] == [0] * len(told)
    for spelling in spellings(FULL_KEY):
        assert not [each for each in told if spelling in each.out + each.err]


@pytest.mark.parametrize("format_", ["text", "concise", "json", "github", "gitlab", "sarif"])
def test_neither_people_nor_the_key_stand_in_any_format_of_what_is_wrong(http: Repository, format_: str) -> None:
    """Each list of people has a slip beside the person, and the person twice: all of it is told, naming nobody."""
    conditions = [
        {"type": f"contacts_{key}", key: [value, value, f"{value} \u200b", 5]} for key, value in PEOPLE.items()
    ]
    http.write("welcome", filter={"or": [{"and": conditions}]})
    told = http.run("validate", "--format", format_)
    assert told.code == 3
    assert "welcome.yaml" in told.out
    for person in PEOPLE.values():
        assert [each for each in spellings(person) if each.lower() in (told.out + told.err).lower()] == []
    assert not [each for each in spellings(FULL_KEY) if each in told.out + told.err]
