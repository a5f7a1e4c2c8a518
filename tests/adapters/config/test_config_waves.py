"""`[fleets.NAME.waves]`: what it may say, and what it is told when it says something else."""

from pathlib import Path

import pytest

from reconciler.adapters.config.reader import load_settings
from reconciler.errors import ConfigurationError
from reconciler.model.waves import DEFAULT_WAVES, Most, WaveSettings

FLEET = """
[fleets.clients]
environment = "sandbox"
organisations = "fleet.toml"
"""


def waves(folder: Path, text: str) -> WaveSettings:
    (folder / "reconciler.toml").write_text(f"{FLEET}{text}", encoding="utf-8")
    return load_settings(folder, {}).fleets["clients"].waves


def test_without_a_word_the_canaries_are_few_and_none_of_them_may_fail(tmp_path: Path) -> None:
    settings = waves(tmp_path, "")
    assert settings == waves(tmp_path, "[fleets.clients.waves]\n") == DEFAULT_WAVES
    assert settings.most_failures(is_canary=True).of(1000) == 0
    assert settings.most_failures(is_canary=False).of(1000) == 50
    assert (settings.unknowns.of(1000), settings.pause) == (0, 0)


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = (
        '[fleets.clients.waves]\ncanaries = ["acme", "label:eu"]\ngrowth = 2\nfailures = 3\nunknowns = "1%"\npause = 60'
    )
    assert waves(tmp_path, text) == WaveSettings(
        canaries=("acme", "label:eu"),
        growth=2,
        failures=Most(number=3),
        unknowns=Most(number=1, is_share=True),
        pause=60,
    )
    assert waves(tmp_path, '[fleets.clients.waves]\ncanaries = "5%"').share == 5
    assert waves(tmp_path, '[fleets.clients.waves]\ncanaries = "acme"').canaries == ("acme",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("waves = 3", "`fleets.clients.waves` must be a table"),
        ("waves = {canary = 'acme'}", "fleets.clients.waves: unknown key `canary`"),
        ("waves = {canaries = 3}", "fleets.clients.waves: `canaries` must be names or labels of organisations"),
        ("waves = {canaries = ['2%', 'acme']}", "`canaries` must be names or labels"),
        ("waves = {canaries = '0%'}", "`canaries` must be names or labels"),
        ("waves = {canaries = ['']}", "`canaries` must be names or labels"),
        ("waves = {growth = 0.5}", "`growth` must be a number from 1 to 1000"),
        ("waves = {growth = true}", "`growth` must be a number"),
        ("waves = {growth = nan}", "`growth` must be a number"),
        ("waves = {failures = 1.5}", "`failures` must be how many organisations of a wave may"),
        ("waves = {failures = -1}", "`failures` must be how many"),
        ("waves = {failures = true}", "`failures` must be how many"),
        ("waves = {unknowns = '101%'}", "`unknowns` must be how many"),
        ("waves = {pause = '5m'}", "`pause` must be a number of seconds from 0 to 86400"),
        ("waves = {pause = -1}", "`pause` must be a number of seconds"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        waves(tmp_path, text)
    assert message in refused.value.message
