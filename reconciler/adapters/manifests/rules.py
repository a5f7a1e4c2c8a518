"""Every rule that reading manifests can break: a stable id and a one-line title each.

An id is a contract: it is written into baselines, suppressions and dashboards, so it is never given to another rule.
What a manifest may say is the schema checker's matter and has ids of its own.
"""

from types import MappingProxyType
from typing import Final

UNREADABLE: Final = "OCX001"
NOT_REGULAR: Final = "OCX002"
TOO_LARGE: Final = "OCX003"
NOT_UTF8: Final = "OCX004"
TOO_MANY_FILES: Final = "OCX005"
NAME_CLASH: Final = "OCX006"
BAD_NAME: Final = "OCX007"

SYNTAX: Final = "OCX010"
EMPTY: Final = "OCX011"
NOT_A_MAPPING: Final = "OCX012"
SECOND_DOCUMENT: Final = "OCX013"
DIRECTIVE: Final = "OCX014"
TAG: Final = "OCX015"
TOO_DEEP: Final = "OCX016"
TOO_LONG: Final = "OCX017"
ALIAS: Final = "OCX018"
ALIAS_BOUND: Final = "OCX019"
MERGE_KEY: Final = "OCX020"
DUPLICATE_KEY: Final = "OCX021"
KEY_NOT_TEXT: Final = "OCX022"

DISPUTED_WORD: Final = "OCX030"
DISPUTED_NUMBER: Final = "OCX031"
NUMBER_RANGE: Final = "OCX032"
NOT_FINITE: Final = "OCX033"
DATE: Final = "OCX034"
RESERVED: Final = "OCX035"
CONTROL: Final = "OCX036"
LINE_SEPARATOR: Final = "OCX037"
SURROGATE: Final = "OCX038"
BIDI: Final = "OCX039"

INSTRUCTION: Final = "OCX040"
FILE_PATH: Final = "OCX041"
FILE_CONTENT: Final = "OCX042"
UNKNOWN_VARIABLE: Final = "OCX043"

UNKNOWN_SEQUENCE: Final = "OCX050"
SELF_REFERENCE: Final = "OCX051"
REFERENCE_CYCLE: Final = "OCX052"
DUPLICATE_ID: Final = "OCX053"
ID_CASE: Final = "OCX054"
INCOMPLETE: Final = "OCX055"

TITLES: Final = MappingProxyType(
    {
        UNREADABLE: "a manifest or folder cannot be read",
        NOT_REGULAR: "a manifest is a link, a folder or a device, not a regular file",
        TOO_LARGE: "a manifest is larger than 1 MiB",
        NOT_UTF8: "a manifest is not UTF-8",
        TOO_MANY_FILES: "the manifests folder holds more than 20,000 manifests",
        NAME_CLASH: "two file names differ only in case or in Unicode form",
        BAD_NAME: "a file name cannot be used on every system",
        SYNTAX: "a manifest is not valid YAML",
        EMPTY: "a manifest holds nothing",
        NOT_A_MAPPING: "a manifest is not a mapping of keys to values",
        SECOND_DOCUMENT: "a file holds more than one document",
        DIRECTIVE: "a YAML directive is used",
        TAG: "a YAML tag is used",
        TOO_DEEP: "values are nested deeper than 64 levels",
        TOO_LONG: "a manifest has more than 100,000 parts",
        ALIAS: "an alias names no finished anchor",
        ALIAS_BOUND: "aliases are too many, or grow too large when they are written out",
        MERGE_KEY: "a merge key is used",
        DUPLICATE_KEY: "a key stands twice in one mapping",
        KEY_NOT_TEXT: "a key is not text",
        DISPUTED_WORD: "a word is a boolean to some YAML readers and text to others",
        DISPUTED_NUMBER: "a number is read differently by YAML 1.1, YAML 1.2 and JSON",
        NUMBER_RANGE: "a number is too large or too small to be kept exactly",
        NOT_FINITE: "a number is infinite or not a number",
        DATE: "a date is not quoted",
        RESERVED: "a sign is reserved by YAML 1.1",
        CONTROL: "a control character is used",
        LINE_SEPARATOR: "a character breaks lines for some readers only",
        SURROGATE: "half a character is escaped",
        BIDI: "a character reverses the direction of writing in a key, an id or a name",
        INSTRUCTION: "$file, $var or $sequence is not written as one key with one text",
        FILE_PATH: "$file names a path outside the manifests folder or of a forbidden form",
        FILE_CONTENT: "the file of $file is missing, not a regular file, too large, or not plain text",
        UNKNOWN_VARIABLE: "$var names a variable that the environment does not have",
        UNKNOWN_SEQUENCE: "$sequence names no manifest",
        SELF_REFERENCE: "a sequence refers to itself",
        REFERENCE_CYCLE: "sequences refer to each other in a circle",
        DUPLICATE_ID: "two manifests have the same custom_id",
        ID_CASE: "two custom_ids differ only in case",
        INCOMPLETE: "a manifest lacks a required field",
    }
)
