"""What a manifest asks for beyond the published contract (design, section 6): the tool's own part of its schema.

The patterns mean the same in Python, in Rust and in ECMAScript. They end in "nothing follows" and not in `$`, which
in Python also stands before a final line break.
"""

from typing import Final

from reconciler.adapters.schemas.formats import DATE, DOMAIN, EMAIL
from reconciler.adapters.schemas.schema import Schema, reference
from reconciler.core.blank import NOT_BLANK

NOTHING_FOLLOWS: Final = r"(?![\s\S])"
CUSTOM_ID: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,48}[A-Za-z0-9])?" + NOTHING_FOLLOWS
UUID_SHAPE: Final = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}" + NOTHING_FOLLOWS
VARIABLE_NAME: Final = r"^[A-Za-z_][A-Za-z0-9_]*" + NOTHING_FOLLOWS
# No drive, scheme, backslash or control character. Whether `..` leaves the manifests folder is for its reader to judge.
RELATIVE_FILE: Final = r"^[^/\\:\x00-\x1f\x7f][^\\:\x00-\x1f\x7f]*" + NOTHING_FOLLOWS
POINTER: Final = r"^(?:/(?:[^/~]|~[01])*)+" + NOTHING_FOLLOWS
# What follows a line break in the head of an e-mail is another header.
ONE_LINE: Final = r"^[^\r\n]*" + NOTHING_FOLLOWS
# E.164. Not whether such a number can exist: those that are reserved for trying things out have to pass.
PHONE_NUMBER: Final = r"^\+[1-9][0-9]{6,14}" + NOTHING_FOLLOWS
DOTTED: Final = r"^[^@/:.\x00-\x20\x7f]+(?:\.[^@/:.\x00-\x20\x7f]+)+" + NOTHING_FOLLOWS
# As `core/fleet/words` has it for those who carry them.
LABEL: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?" + NOTHING_FOLLOWS
LANGUAGE: Final = r"^[a-z]{2,3}(?:_[A-Z]{2})?" + NOTHING_FOLLOWS

INSTRUCTIONS: Final = ("$file", "$var", "$sequence")
TEXT: Final = "string_or_instruction"
CUSTOM_ID_NAME: Final = "custom_id"

REQUIRED: Final = ("custom_id", "name", "filter", "steps")
# Elsewhere an empty string is a mistake that the contract would let pass; in these it can be meant.
MAY_BE_EMPTY: Final = frozenset({"fallback", "value", "{}"})
# How the text of a key is written, or each in the list of a key, where the contract takes any.
WRITTEN: Final[dict[str, Schema]] = {
    "from_email": {"format": EMAIL},
    "email_subject": {"pattern": ONE_LINE},
    "email_sender_name": {"pattern": ONE_LINE},
    "email_in[]": {"format": EMAIL},
    "domain_name_in[]": {"format": DOMAIN, "pattern": DOTTED},
    "phone_number_in[]": {"pattern": PHONE_NUMBER},
    "language": {"pattern": LANGUAGE},
}

# Without titles: in editors, a definition's title would hide that of the place that refers to it.
DEFINITIONS: Final[dict[str, Schema]] = {
    CUSTOM_ID_NAME: {
        "type": "string",
        "pattern": CUSTOM_ID,
        # With its type: a pattern holds for whatever is not a string, and a number would get two errors.
        "not": {"type": "string", "pattern": UUID_SHAPE},
    },
    TEXT: {
        "type": ["string", "object"],
        "properties": {
            "$file": {
                "title": "Text of a file",
                "description": "Path of a file, relative to this manifest, inside the manifests folder.",
                "type": "string",
                "pattern": RELATIVE_FILE,
            },
            "$var": {
                "title": "Variable",
                "description": "Name of a variable of the environment that the manifest is applied to.",
                "type": "string",
                "pattern": VARIABLE_NAME,
            },
            "$sequence": {
                "$ref": reference(CUSTOM_ID_NAME),
                "title": "Id of another sequence",
                "description": "custom_id of another manifest; that sequence's id is sent.",
            },
        },
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    },
}

# Its strings are never sent, so no instruction can stand for them.
RECONCILER_BLOCK: Final[Schema] = {
    "title": "Instructions to reconciler",
    "description": "What is said to the tool about this manifest. Never sent.",
    "type": "object",
    "properties": {
        "audience": {
            "title": "Audience",
            "description": "`everyone` is required before a filter that can match everyone is accepted.",
            "enum": ["everyone"],
        },
        "ignore": {
            "title": "Handed-off fields",
            "description": "Fields that are shown and never written: JSON pointers such as `/name`, or objects that "
            "also say why, and until when.",
            "type": "array",
            "items": {
                "title": "Handed-off field",
                "type": ["string", "object"],
                "pattern": POINTER,
                "properties": {
                    "path": {
                        "title": "Field",
                        "description": "JSON pointer of the field, such as `/name`.",
                        "type": "string",
                        "pattern": POINTER,
                    },
                    "reason": {
                        "title": "Reason",
                        "description": "Why it is handed off. Shown in every plan in which it is left alone.",
                        "type": "string",
                        "minLength": 1,
                    },
                    "until": {
                        "title": "Last day",
                        "description": "The last day, in UTC, on which it is handed off. From the day after it is an "
                        "error.",
                        "type": "string",
                        "format": DATE,
                    },
                },
                "required": ["path", "reason"],
                "additionalProperties": False,
            },
        },
        "renamed_from": {
            "$ref": reference(CUSTOM_ID_NAME),
            "title": "Renamed from",
            "description": "The custom_id that this sequence was recorded under.",
        },
        "only": {
            "title": "Only for",
            "description": "Which environments and organisations this manifest is for; left out, it is for all.",
            "type": "object",
            "properties": {
                "labels": {
                    "title": "Labels",
                    "description": "It is for those that carry at least one of these labels.",
                    "type": "array",
                    "minItems": 1,
                    "items": {"title": "Label", "type": "string", "pattern": LABEL},
                },
            },
            "required": ["labels"],
            "additionalProperties": False,
        },
        "owner": {
            "title": "Owner",
            "description": "The team or person to ask about this sequence.",
            "type": "string",
            "minLength": 1,
            "pattern": NOT_BLANK,
        },
        "retire": {
            "title": "Retire",
            "description": "`cancel` stops it for good; `release` stops recording it, and it goes on sending.",
            "enum": ["cancel", "release"],
        },
    },
    "additionalProperties": False,
}
