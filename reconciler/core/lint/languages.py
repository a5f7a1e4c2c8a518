"""The languages in which WhatsApp keeps templates, as its documentation listed them in 2026.

It adds some from time to time, so that one is missing here proves nothing by itself: what can be no language of
theirs, now or later, is told apart from what is only not known.
"""

import re
from typing import Final

# fmt: off
LANGUAGES: Final = (
    "af", "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "az", "be_BY", "bg", "bn", "bn_IN", "ca", "cs", "da",
    "de", "de_AT", "de_CH", "el", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_GH", "en_IE", "en_IN", "en_JM",
    "en_MY", "en_NZ", "en_QA", "en_SG", "en_UG", "en_US", "en_ZA", "es", "es_AR", "es_CL", "es_CO", "es_CR",
    "es_DO", "es_EC", "es_ES", "es_HN", "es_MX", "es_PA", "es_PE", "es_UY", "et", "fa", "fi", "fil", "fr", "fr_BE",
    "fr_CA", "fr_CH", "fr_CI", "fr_MA", "ga", "gu", "ha", "he", "hi", "hr", "hu", "id", "it", "ja", "ka", "kk",
    "kn", "ko", "ky_KG", "lo", "lt", "lv", "mk", "ml", "mr", "ms", "nb", "nl", "nl_BE", "pa", "pl", "prs_AF",
    "ps_AF", "pt_BR", "pt_PT", "ro", "ru", "rw_RW", "si_LK", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th",
    "tr", "uk", "ur", "uz", "vi", "zh_CN", "zh_HK", "zh_TW", "zu",
)
# fmt: on

# The countries of ISO 3166-1, in which the United Kingdom is `GB`.
_CODES: Final = (
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCR"
    "CUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU"
    "IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQ"
    "MRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSI"
    "SJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"
)
_COUNTRIES: Final = frozenset(_CODES[at : at + 2] for at in range(0, len(_CODES), 2))
_SHAPE: Final = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")
# Who writes it means another country, which is in the list.
_MEANT: Final = {"UK": "GB"}


def is_impossible(language: str) -> bool:
    """Tell whether WhatsApp can have no such language, whatever it adds.

    It is written otherwise than languages are; its country is none; or it has none where WhatsApp tells the countries
    of that language apart (`pt_BR`, `pt_PT`).
    """
    name, _, country = language.partition("_")
    if _SHAPE.fullmatch(language) is None or (country and country not in _COUNTRIES):
        return True
    return not country and name not in LANGUAGES and bool(those_of(name))


def meant(language: str) -> str | None:
    """Return the language that this one is, written as WhatsApp does: `en-US`, `en_us` and `en_UK` are such."""
    name, _, country = language.replace("-", "_").partition("_")
    written = "_".join(filter(None, (name.lower(), _MEANT.get(country.upper(), country.upper()))))
    return written if written in LANGUAGES else None


def those_of(name: str) -> list[str]:
    """Return the languages of one name, for all its countries."""
    return [each for each in LANGUAGES if each.partition("_")[0] == name]
