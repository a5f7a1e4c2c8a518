"""The id of every rule that a manifest can break. What each means and why is in `core/rulebook`.

An id is a contract: it is written into baselines, suppressions and dashboards, so it is never given to another rule.
"""

from typing import Final

# Files, and how YAML reads them.
UNREADABLE: Final = "OCX001"
NOT_REGULAR: Final = "OCX002"
TOO_LARGE: Final = "OCX003"
NOT_UTF8: Final = "OCX004"
TOO_MANY_FILES: Final = "OCX005"
NAME_CLASH: Final = "OCX006"
BAD_NAME: Final = "OCX007"
TOLD_ENOUGH: Final = "OCX008"

SYNTAX: Final = "OCX010"
EMPTY_FILE: Final = "OCX011"
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
INVISIBLE: Final = "OCX023"
TEXT_CUT: Final = "OCX024"

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

# Instructions, and what only all manifests together can get wrong.
FILE_PATH: Final = "OCX041"
FILE_CONTENT: Final = "OCX042"
UNKNOWN_VARIABLE: Final = "OCX043"

UNKNOWN_SEQUENCE: Final = "OCX050"
SELF_REFERENCE: Final = "OCX051"
REFERENCE_CYCLE: Final = "OCX052"
DUPLICATE_ID: Final = "OCX053"
ID_CASE: Final = "OCX054"

# A value against its schema.
UNKNOWN_KEY: Final = "OCX101"
MISSING_KEY: Final = "OCX102"
WRONG_TYPE: Final = "OCX103"
NOT_ALLOWED: Final = "OCX104"
BAD_CUSTOM_ID: Final = "OCX105"
EMPTY: Final = "OCX106"
BAD_FORMAT: Final = "OCX107"
OUT_OF_RANGE: Final = "OCX108"
BAD_INSTRUCTION: Final = "OCX109"
REVERSED_RANGE: Final = "OCX110"
LINE_BREAK: Final = "OCX111"
REPEATED: Final = "OCX112"
WILDCARD: Final = "OCX113"
EXPIRED: Final = "OCX114"

# Who is reached.
UNDECLARED_AUDIENCE: Final = "OCX201"
NEEDLESS_AUDIENCE: Final = "OCX202"
NEARLY_EVERYONE: Final = "OCX203"

# Messages: what a valid manifest can still get wrong. Warnings, unless configured otherwise. E-mail, and links in any
# message.
NO_UNSUBSCRIBE: Final = "OCX301"
SELLING: Final = "OCX302"
SUBJECT_LENGTH: Final = "OCX303"
IMAGE_WITHOUT_ALT: Final = "OCX304"
NO_PREHEADER: Final = "OCX305"
EMPTY_PREHEADER: Final = "OCX306"
INSECURE_LINK: Final = "OCX307"
STAGING_LINK: Final = "OCX308"
CLIPPED: Final = "OCX309"
UNBALANCED_HTML: Final = "OCX310"
BROKEN_PLACEHOLDER: Final = "OCX311"
UNKNOWN_PLACEHOLDER: Final = "OCX312"
SENT_AS_WRITTEN: Final = "OCX313"
CURLY_QUOTES: Final = "OCX314"

SMS_SEGMENTS: Final = "OCX330"
SMS_ALPHABET: Final = "OCX331"

MISSING_PARAMETER_NAME: Final = "OCX340"
MIXED_PARAMETERS: Final = "OCX341"
BUTTON_INDEX: Final = "OCX342"
UNREACHABLE_LANGUAGE: Final = "OCX343"

NO_PAUSE: Final = "OCX350"
SAME_MESSAGE: Final = "OCX351"
TOO_MANY_DAYS: Final = "OCX352"

CONTRADICTION: Final = "OCX360"
COVERED_BRANCH: Final = "OCX361"

# Comments that silence a rule.
NO_REASON: Final = "OCX390"
UNKNOWN_SILENCED: Final = "OCX391"
IDLE_SILENCE: Final = "OCX392"
NOT_SILENCEABLE: Final = "OCX393"
