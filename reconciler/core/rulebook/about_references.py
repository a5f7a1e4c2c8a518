"""Rules about `$file`, `$var` and `$sequence`, and about what only all manifests together can get wrong."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.core.rulebook.sample import SAMPLE
from reconciler.model import rules

_MESSAGE: Final = """\
steps:
  - action:
      type: send_sms_messages
      data:
        message: {{$file: {}}}
"""
_SEGMENT: Final = """\
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: {{$var: {}}}
"""
_AFTER: Final = """\
filter:
  or:
    - and:
        - type: contacts_affected_by_sequence
          sequence_id: {{$sequence: {}}}
"""
_VARIABLES: Final = """\
[environments.production]
api = "sandbox"
variables = { vip_segment = "7c9e6679-7425-40de-944b-e07fc1f90ae7" }
"""
_TEXT: Final = {"welcome.txt": "Welcome to Example."}


def _other(custom_id: str, refers_to: str | None = None) -> str:
    text = SAMPLE.replace("welcome", custom_id, 1)
    if refers_to is None:
        return text
    head, _, tail = text.partition("filter:")
    return head + _AFTER.format(refers_to) + "steps:" + tail.partition("steps:")[2]


RULES: Final = (
    Rule(
        id=rules.FILE_PATH,
        name="file-path",
        title="`$file` names a path outside the manifests folder, or one of a forbidden form",
        why="The text of the file is sent to people, so it has to be one that reviewers of this repository have seen. "
        "The path is relative to the manifest and has `/` between its parts.",
        wrong=Example(keys=_MESSAGE.format("../../notes.txt")),
        right=Example(keys=_MESSAGE.format("welcome.txt"), files=_TEXT),
    ),
    Rule(
        id=rules.FILE_CONTENT,
        name="file-content",
        title="the file of `$file` is missing, a link, larger than 256 KiB, or not plain UTF-8 text",
        why="What the file holds is what people receive. Where it cannot be read, nothing is put in its place.",
        wrong=Example(keys=_MESSAGE.format("welcom.txt"), files=_TEXT),
        right=Example(keys=_MESSAGE.format("welcome.txt"), files=_TEXT),
    ),
    Rule(
        id=rules.UNKNOWN_VARIABLE,
        name="unknown-variable",
        title="`$var` names a variable that the environment does not have",
        why="Variables stand in `reconciler.toml` under the environment that a manifest is applied to, since ids "
        "differ from one organisation to another. An unknown one is never taken for an empty text.",
        wrong=Example(keys=_SEGMENT.format("vip_segmnet"), configuration=_VARIABLES),
        right=Example(keys=_SEGMENT.format("vip_segment"), configuration=_VARIABLES),
    ),
    Rule(
        id=rules.UNKNOWN_SEQUENCE,
        name="unknown-sequence",
        title="`$sequence` names a custom_id that no manifest has",
        why="The id of that sequence is put in when it is sent, and it is known only for sequences of this repository. "
        "For one that is kept elsewhere, write its id.",
        wrong=Example(keys=_AFTER.format("onbording"), files={"onboarding.yaml": _other("onboarding")}),
        right=Example(keys=_AFTER.format("onboarding"), files={"onboarding.yaml": _other("onboarding")}),
    ),
    Rule(
        id=rules.SELF_REFERENCE,
        name="self-reference",
        title="a sequence's filter refers to the sequence itself",
        why="Who has received a sequence would decide who receives it: it could not even be created, since its id is "
        "not known before.",
        wrong=Example(keys=_AFTER.format("welcome")),
        right=Example(keys=_AFTER.format("onboarding"), files={"onboarding.yaml": _other("onboarding")}),
    ),
    Rule(
        id=rules.REFERENCE_CYCLE,
        name="reference-circle",
        title="sequences refer to each other in a circle",
        why="A sequence needs the ids of those that it refers to, so none of a circle could be created first.",
        wrong=Example(keys=_AFTER.format("onboarding"), files={"onboarding.yaml": _other("onboarding", "welcome")}),
        right=Example(keys=_AFTER.format("onboarding"), files={"onboarding.yaml": _other("onboarding")}),
    ),
    Rule(
        id=rules.DUPLICATE_ID,
        name="duplicate-custom-id",
        title="two manifests have the same `custom_id`",
        why="The `custom_id` is what a sequence is known by. With two manifests for one sequence, each run would undo "
        "the other. A manifest that was copied needs an id of its own.",
        wrong=Example(whole=SAMPLE, files={"zero.yaml": SAMPLE}),
        right=Example(whole=SAMPLE, files={"zero.yaml": _other("zero")}),
    ),
    Rule(
        id=rules.ID_CASE,
        name="custom-id-case",
        title="two `custom_id`s differ only in case",
        why="People, and some servers, take `Welcome` and `welcome` for one sequence.",
        wrong=Example(whole=SAMPLE, files={"zero.yaml": _other("Welcome")}),
        right=Example(whole=SAMPLE, files={"zero.yaml": _other("zero")}),
    ),
)
