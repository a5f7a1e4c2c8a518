"""The key is found wherever an answer quotes it, however JSON writes it."""

import json

import pytest

from reconciler.adapters.api.withheld import Withheld

KEY = "Sk-live-0123456789"
ODD = 'a/b"c\\d'


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (KEY, json.dumps(KEY)),
        (KEY, json.dumps({"message": f"<{KEY.upper()}>\n"})),
        (KEY, json.dumps({KEY.lower(): [{"a": [KEY]}]})),
        (KEY, json.dumps(["Grüße", KEY.upper()], ensure_ascii=False)),
        (KEY, json.dumps(["Grüße", KEY])),
        (KEY, json.dumps([KEY]).replace("S", "\\u0053")),
        (KEY, json.dumps([KEY]).replace("S", "\N{LATIN SMALL LETTER LONG S}")),
        (ODD, json.dumps([ODD])),
        (ODD, json.dumps([ODD]).replace("/", "\\/")),
    ],
)
def test_a_key_is_withheld_from_whatever_json_says(key: str, text: str) -> None:
    value = json.loads(text)
    shown = Withheld(key).of_json(text, value)
    assert "(the key)" in repr(shown)
    assert Withheld(key).of_json(json.dumps(shown), shown) == shown


@pytest.mark.parametrize("text", ['{"a": ["b", 1, null, true, 1.5]}', '["Gr\\u00fc\\u00dfe"]', '["Grüße\\n"]', "1"])
def test_what_has_no_key_in_it_is_left_as_it_is(text: str) -> None:
    for key in (KEY, ODD):
        assert Withheld(key).of_json(text, json.loads(text)) == json.loads(text)
