"""Manifests that are wrong by the schema, each by one edit of a whole one, and where an editor may say it elsewhere."""

from typing import NamedTuple

WHOLE = """\
# yaml-language-server: $schema=../schemas/sequence.schema.json
custom_id: CASE
name: Welcome
is_continuous: true
filter:
  or:
    - and:
        - type: contacts_created_at_between
          after: "2026-01-01T00:00:00Z"
        - type: contact_id_in
          contact_ids:
            - "123e4567-e89b-42d3-a456-426614174000"
        - type: contact_belongs_to_segment
          segment_id: customers
steps:
  - action:
      type: send_emails
      data:
        from_email: hello@example.com
        email_subject: Welcome
        email_body: "<p>Welcome</p>"
        email_sender_name: Example
        email_is_transactional: true
    delay_in_minutes: 0
  - action:
      type: send_whatsapp_messages
      data:
        phone_number_id: {$var: number}
        template:
          name: hello
          language: en
          parameters:
            body:
              type: body
              parameters:
                - type: text
                  text: {type: CONSTANT, value: Hello}
            buttons:
              - type: button
                sub_type: url
                index: "0"
                parameters:
                  - type: text
                    text: {type: DYNAMIC, ref: code, fallback: none}
    delay_in_minutes: 1440
  - action:
      type: make_phone_calls
      data:
        aiPhoneAgentId: agent
reconciler:
  owner: lifecycle
  ignore: [/name]
"""


Place = tuple[int, int]


class Wrong(NamedTuple):
    """One edit of the whole manifest. The places, line and column, at which only one of the two says something."""

    name: str
    old: str
    new: str
    only_ours: tuple[Place, ...] = ()
    only_theirs: tuple[Place, ...] = ()

    @property
    def text(self) -> str:
        assert self.old in WHOLE, self
        return WHOLE.replace(self.old, self.new, 1).replace("CASE", self.name)


# One thing the language server does in its own way, which no schema changes: a key that is misspelt and required is
# missing for it as well, and what is missing is marked at the object's own key, or at the first key of an object
# without one; we say that once, at the wrong key.
CASES = (
    Wrong("unknown-at-root", "name: Welcome", "name: Welcome\ntags: []"),
    Wrong("unknown-in-step", "    delay_in_minutes: 0", "    delay_in_minutes: 0\n    retries: 2"),
    Wrong("unknown-in-data", "email_subject: Welcome", "email_subject: Welcome\n        cc: x"),
    Wrong("unknown-in-filter", "segment_id: customers", "segment_id: customers\n          colour: red"),
    Wrong("unknown-in-template", "language: en", "language: en\n          namespace: x"),
    Wrong("unknown-in-block", "owner: lifecycle", "owner: lifecycle\n  team: x"),
    Wrong("unknown-in-group", "    - and:", "    - not: []\n      and:"),
    Wrong("misspelt-optional", "is_continuous", "is_continous"),
    Wrong("misspelt-required", "name: Welcome", "nmae: Welcome", only_theirs=((2, 1),)),
    Wrong("misspelt-in-filter", "segment_id", "segmentid", only_theirs=((13, 11),)),
    Wrong("missing-at-root", "name: Welcome\n", ""),
    Wrong("missing-in-data", "        email_sender_name: Example\n", ""),
    Wrong("missing-in-filter", "          segment_id: customers\n", ""),
    Wrong("missing-type", "        - type: contact_belongs_to_segment\n          segment_id", "        - segment_id"),
    Wrong("missing-data", "      data:\n        aiPhoneAgentId: agent\n", ""),
    Wrong("missing-in-variable", "{type: CONSTANT, value: Hello}", "{type: CONSTANT}"),
    Wrong("number-for-text", "name: Welcome", "name: 5"),
    Wrong("boolean-for-text", "email_subject: Welcome", "email_subject: true"),
    Wrong("null-for-text", "email_subject: Welcome", "email_subject:"),
    Wrong("list-for-text", "email_subject: Welcome", "email_subject: [a]"),
    Wrong("text-for-number", "delay_in_minutes: 1440", "delay_in_minutes: soon"),
    Wrong("text-for-boolean", "email_is_transactional: true", "email_is_transactional: perhaps"),
    Wrong("text-for-list", "ignore: [/name]", "ignore: /name"),
    Wrong("mapping-for-list", "          contact_ids:\n            - ", "          contact_ids:\n            a: "),
    Wrong("text-for-mapping", "text: {type: CONSTANT, value: Hello}", "text: Hello"),
    Wrong(
        "number-for-step",
        "  - action:\n      type: make_phone_calls",
        "  - 5\n  - action:\n      type: make_phone_calls",
    ),
    Wrong("number-for-enum", "type: make_phone_calls", "type: 5"),
    Wrong("bad-action", "type: send_emails", "type: send_email"),
    Wrong("bad-filter", "type: contact_belongs_to_segment", "type: contact_in_segment"),
    Wrong("bad-variable", "type: DYNAMIC", "type: DYNAMC"),
    Wrong("bad-button", "sub_type: url", "sub_type: link"),
    Wrong("bad-audience", "owner: lifecycle", "audience: all"),
    Wrong("empty-name", "name: Welcome", 'name: ""'),
    Wrong("empty-subject", "email_subject: Welcome", "email_subject: ''"),
    Wrong("blank-name", "name: Welcome", 'name: "  "'),
    Wrong("blank-subject", "email_subject: Welcome", 'email_subject: "\\u00a0 "'),
    Wrong("empty-owner", "owner: lifecycle", 'owner: ""'),
    Wrong("bad-custom-id", "custom_id: CASE", "custom_id: -bad"),
    Wrong("uuid-as-custom-id", "custom_id: CASE", "custom_id: 123e4567-e89b-42d3-a456-426614174000"),
    Wrong("bad-date-time", "2026-01-01T00:00:00Z", "2026-01-01"),
    Wrong("bad-uuid", "123e4567-e89b-42d3-a456-426614174000", "123"),
    Wrong("bad-pointer", "[/name]", "[name]"),
    Wrong("bad-renamed-from", "owner: lifecycle", "renamed_from: a b"),
    Wrong("negative-delay", "delay_in_minutes: 1440", "delay_in_minutes: -1"),
    Wrong("unknown-instruction", "$var: number", "$vra: number"),
    Wrong("two-instructions", "{$var: number}", "{$var: number, $file: x.txt}"),
    Wrong("empty-instruction", "{$var: number}", "{}"),
    Wrong("bad-variable-name", "$var: number", "$var: 1st"),
    Wrong(
        "instruction-for-mapping",
        "text: {type: CONSTANT, value: Hello}",
        "text: {$var: number}",
        only_ours=((37, 25),),
        only_theirs=((37, 19),),
    ),
)
