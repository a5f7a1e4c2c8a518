"""The rules that a manifest's value is judged by against its schema. An id, once published, keeps its meaning."""

from typing import Final

UNKNOWN_KEY: Final = "OCX101"
MISSING_KEY: Final = "OCX102"
WRONG_TYPE: Final = "OCX103"
NOT_ALLOWED: Final = "OCX104"
BAD_CUSTOM_ID: Final = "OCX105"
EMPTY: Final = "OCX106"
BAD_FORMAT: Final = "OCX107"
OUT_OF_RANGE: Final = "OCX108"
BAD_INSTRUCTION: Final = "OCX109"

TITLES: Final[dict[str, str]] = {
    UNKNOWN_KEY: "a key that the object does not have; the API would accept it and drop it silently",
    MISSING_KEY: "a key that the object needs is not there",
    WRONG_TYPE: "a value of another type than the schema has, such as a string for a number",
    NOT_ALLOWED: "a value that is not one of those the schema lists",
    BAD_CUSTOM_ID: "a `custom_id` that is not 1 to 50 letters, digits, `_` and `-`, or that looks like a uuid",
    EMPTY: "an empty text or list where something must stand",
    BAD_FORMAT: "a string that is not written as it must be: date-time, uuid, JSON pointer, file path, variable name",
    OUT_OF_RANGE: "a number, a length or a count outside its limits",
    BAD_INSTRUCTION: "an instruction object (`$file`, `$var`, `$sequence`) with none or several, or where none may be",
}
