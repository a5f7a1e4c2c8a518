"""Describing a fleet: everything that is wrong with it is told in one run, each mistake at its place in the table."""

import json
import os
from pathlib import Path

import jsonschema
import keyring
import pytest

from tests.fleet.fleet_bench import CONFIG, FleetRepository
from tests.scenarios.workbench import ROOT, SEGMENT, reaching

IN_SEGMENT = reaching({**SEGMENT, "segment_id": {"$var": "vip"}})


def test_a_sound_fleet_is_said_to_be_one(fleet: FleetRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.organisations("acme", "globex")
    monkeypatch.setenv("OPENCX_ACME", "a-key")
    result = fleet.validate()
    assert (result.code, result.out) == (0, "1 manifest checked, all valid.\n")
    assert result.err == "Fleet clients: 2 organisations, keys of 1 found here.\n"
    document = fleet.validate("--format", "json").json
    schema = json.loads((ROOT / "schemas" / "fleet-validate.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert (document["fleet"], document["organisations"], document["diagnostics"]) == ("clients", 2, [])


def test_every_mistake_of_a_table_is_told_at_its_place(fleet: FleetRepository) -> None:
    fleet.write(
        "fleet.toml",
        '[[organisations]]\nname = "acme"\nlabel = ["eu"]\n\n'
        '[[organisations]]\nname = "Acme"\nenvironment = "prod"\n\n'
        '[[organisations]]\nname = "no good"\n\n'
        "[[organisations]]\nlabels = [3]\n\n"
        '[[organisations]]\nname = "three"\nkey = "sk_live_1234"\nstate = "ftp://x"\n'
        'variables = { a = 3, "b c" = "x" }\n\n'
        '[[organisations]]\nname = "four"\nkey = "env:X_{orgs}"\n'
        'api = "https://evil.example"\ntoken = "sk_live_5678"\n',
    )
    assert fleet.mistakes() == [
        "fleet.toml:3:1 fleet-entry unknown key `label`",
        "fleet.toml:6:1 fleet-duplicate organisation `Acme` differs from `acme` in case alone, which is at "
        "fleet.toml:2",
        "fleet.toml:7:1 fleet-entry there is no environment `prod`",
        "fleet.toml:10:1 fleet-entry `name` must be 1 to 63 letters, digits, `_` and `-`, and begin and end with a "
        "letter or digit",
        "fleet.toml:12:1 fleet-entry an organisation has no `name`",
        "fleet.toml:13:1 fleet-entry a label must be 1 to 63 letters, digits, `.`, `_` and `-`, and begin and end with "
        "a letter or digit",
        "fleet.toml:17:1 fleet-entry `key` of `three` does not say where the key comes from",
        "fleet.toml:18:1 fleet-entry `state` names no place that state can be kept in",
        "fleet.toml:19:1 fleet-entry no manifest can name the variable `b c`",
        "fleet.toml:19:15 fleet-entry variable `a` must be a text",
        "fleet.toml:23:1 fleet-entry `key` has `{orgs}`, which nothing fills in",
        "fleet.toml:24:1 fleet-entry unknown key `api`",
        "fleet.toml:25:1 fleet-entry unknown key `token`",
    ]
    for format_ in ("text", "concise", "json", "github", "gitlab", "sarif"):
        result = fleet.validate("--format", format_)
        assert result.code == 4
        assert "sk_live" not in result.out + result.err
    assert "did you mean `labels`?" in fleet.validate().out


@pytest.mark.parametrize("table", ["fleet.toml", "fleet.csv"])
def test_two_that_share_a_state_or_a_key_are_refused(fleet: FleetRepository, table: str) -> None:
    fleet.table = table
    fleet.configure()
    rows = [("one", "env:K", "file:a.json"), ("two", "env:K", ""), ("three", "", "file:x/../A.json")]
    if table.endswith(".csv"):
        fleet.write(table, "name,key,state\n" + "".join(",".join(row) + "\n" for row in rows))
        places = ["fleet.csv:3:5", "fleet.csv:4:8"]
    else:
        lines = {n: "\n".join(f'{k} = "{v}"' for k, v in (("key", k), ("state", s)) if v) for n, k, s in rows}
        fleet.organisations(*lines, **lines)
        places = ["fleet.toml:8:1", "fleet.toml:12:1"]
    assert fleet.mistakes() == [
        f"{places[0]} fleet-shared organisation `two` has the key `env:K`, which `one` ({table}:2) has too",
        f"{places[1]} fleet-shared organisation `three` has the state `file:x/../A.json`, "
        f"which `one` ({table}:2) has too",
    ]


def test_one_key_in_two_places_is_found_and_not_shown(fleet: FleetRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.organisations("acme", "globex", globex='key = "file:secrets/globex"')
    fleet.write("secrets/globex", "the-canary-key\n")
    (fleet.root / "secrets/globex").chmod(0o600)
    monkeypatch.setenv("OPENCX_ACME", "the-canary-key")
    result = fleet.validate()
    assert result.code == 4
    assert "`file:secrets/globex` of `globex` holds the same key as `env:OPENCX_ACME` of `acme`" in result.out
    assert "canary" not in result.out + result.err


@pytest.mark.parametrize(
    ("mode", "content", "said"),
    [
        (0o644, b"key\n", "may be read or written by others (mode 644)"),
        (0o660, b"key\n", "may be read or written by others (mode 660)"),
        (0o600, b"\n", "is empty"),
        (0o600, b"k\xc3\xa4y", "holds what is in no key"),
        (0o600, b"k" * 9000, "holds more than a key"),
    ],
)
def test_a_key_file_that_is_not_safe_is_refused(fleet: FleetRepository, mode: int, content: bytes, said: str) -> None:
    fleet.organisations("acme", acme='key = "file:k"')
    (fleet.root / "k").write_bytes(content)
    (fleet.root / "k").chmod(mode)
    assert [said in each for each in fleet.mistakes()] == [True]


def test_a_variable_that_some_lack_is_told_in_the_table_and_one_that_all_lack_in_the_manifest(
    fleet: FleetRepository,
) -> None:
    fleet.sequence("welcome", filter=IN_SEGMENT)
    fleet.sequence("again", filter=IN_SEGMENT)
    fleet.organisations("acme", "globex", acme='variables = { vip = "segment-2" }')
    first = "sequences/again.yaml:11:21"
    assert fleet.mistakes() == [
        f"fleet.toml:6:1 fleet-variable organisation `globex` lacks a variable: at {first}, "
        "the environment has no variable `vip`"
    ]
    fleet.organisations("acme", "globex")
    assert [each.split()[:2] for each in fleet.mistakes()] == [
        [first, "OCX043"],
        ["sequences/welcome.yaml:11:21", "OCX043"],
    ]


def test_a_manifest_for_a_label_needs_its_variables_from_those_who_carry_it_alone(fleet: FleetRepository) -> None:
    fleet.sequence("vip", filter=IN_SEGMENT, reconciler={"only": {"labels": ["vip", "eu"]}})
    fleet.organisations("acme", "globex", acme='labels = ["eu"]\nvariables = { vip = "segment-2" }')
    assert fleet.validate().code == 0
    fleet.organisations("acme", "globex", acme='labels = ["eu"]')
    assert [each.split()[1] for each in fleet.mistakes()] == ["fleet-variable"]
    assert fleet.validate("--only", "globex").code == 0


def test_a_value_that_only_one_organisation_has_wrong_is_told_with_its_name(fleet: FleetRepository) -> None:
    address = {"type": "contacts_email_domain_name_in", "domain_name_in": [{"$var": "domain"}]}
    fleet.sequence("welcome", filter=reaching(address))
    good, bad = 'variables = { domain = "example.org" }', 'variables = { domain = "not a domain" }'
    fleet.organisations("acme", "globex", acme=good, globex=bad)
    told = fleet.mistakes()
    assert len(told) == 1
    assert told[0].endswith("the text is that of the variable `domain`; so it is for `globex`")


@pytest.mark.parametrize(
    ("fleets", "message"),
    [
        ("[fleets.x]\n", "`environment` is missing"),
        ('[fleets.x]\nenvironment = "productoin"\n', "there is no environment `productoin`"),
        ('[fleets.x]\nenvironment = "production"\nstate = "file:same.json"\n', "`state` is the same for all"),
        ('[fleets.x]\nenvironment = "production"\nkey = "env:SAME"\n', "`key` is the same for all"),
        ('[fleets.x]\nenvironment = "production"\nkey = "sk_live_1"\n', "`key` does not say where keys come from"),
        ('[fleets.x]\nenvironment = "production"\nstate = "s3://{{org}}"\n', "names no place"),
        ('[fleets.x]\nenvironment = "production"\nstate = "file:{{orgg}}"\n', "`{orgg}`, which nothing fills in"),
        ('[fleets.x]\nenvironment = "production"\norganisations = "../x.toml"\n', "a file of the repository"),
        ('[fleets.x]\nenvironment = "production"\norganisations = "x.yaml"\n', "ends in .toml or .csv"),
        ('[fleets.x]\nenvironment = "production"\ncommand = "curl"\n', "may not choose a command"),
        ('[fleets.x]\nenvironment = "production"\norganisation = "x.csv"\n', "unknown key `organisation`"),
        ('[fleets.x]\nenvironment = "production"\n', "nothing names the table of its organisations"),
        ('[fleets.y]\nenvironment = "production"\n', "there is no fleet `x`"),
        ('[fleets."x y"]\nenvironment = "production"\n', "the name of a fleet must be"),
    ],
)
def test_what_the_configuration_gets_wrong_is_refused(fleet: FleetRepository, fleets: str, message: str) -> None:
    fleet.configure(CONFIG.partition("[fleets.clients]")[0] + fleets)
    result = fleet.run("fleet", "validate", "x")
    assert (result.code, result.out) == (4, "")
    assert message in result.err
    assert "sk_live" not in result.err


def test_a_table_is_a_file_that_no_link_leads_to(fleet: FleetRepository, tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text('[[organisations]]\nname = "acme"\n')
    (fleet.root / "fleet.toml").symlink_to(outside)
    assert "links are not followed" in fleet.validate().err
    (fleet.root / "fleet.toml").unlink()
    assert "there is no file fleet.toml" in fleet.validate().err
    os.mkfifo(fleet.root / "fleet.toml")
    assert "not a regular file" in fleet.validate().err


@pytest.mark.parametrize(
    ("table", "text", "told"),
    [
        ("fleet.toml", "[[organisations]\n", "fleet.toml:1:16 fleet-entry not valid TOML"),
        ("fleet.toml", 'organisations = "acme"\n', "`organisations` must be a list of tables"),
        ("fleet.toml", '[[organisation]]\nname = "a"\n', "fleet.toml:1:1 fleet-entry unknown key `organisation`"),
        ("fleet.toml", "", "the table has no organisation"),
        ("fleet.csv", "", "the table has no organisation"),
        ("fleet.csv", "name;key\na;b\n", "fleet.csv:1:1 fleet-entry the columns are separated by `;`"),
        ("fleet.csv", "name,labls\na,b\n", "fleet.csv:1:6 fleet-entry unknown column `labls`"),
        ("fleet.csv", "name,name\na,b\n", "fleet.csv:1:6 fleet-entry column `name` stands there twice"),
        ("fleet.csv", "labels\na\n", "there is no column `name`"),
        ("fleet.csv", 'name,state\n"a",b,c\n', "fleet.csv:2:7 fleet-entry the row has 3 cells"),
        ("fleet.csv", 'name\n"a\n', "not valid CSV"),
    ],
)
def test_a_table_that_has_no_form_is_told_of(fleet: FleetRepository, table: str, text: str, told: str) -> None:
    fleet.table = table
    fleet.configure()
    fleet.write(table, text)
    assert told in "\n".join(fleet.mistakes())


def test_a_csv_table_means_what_a_toml_table_means(fleet: FleetRepository) -> None:
    fleet.sequence("vip", filter=IN_SEGMENT, reconciler={"only": {"labels": ["vip"]}})
    fleet.table = "fleet.csv"
    fleet.configure()
    fleet.write("fleet.csv", '\ufeffname,labels,variables.vip\n\n"acme", vip eu ,"segment, 2"\nglobex,,\n')
    assert fleet.validate().err.startswith("Fleet clients: 2 organisations")
    fleet.write("fleet.csv", "name,labels,variables.vip\nacme,vip,\nglobex,,x\n")
    assert fleet.mistakes() == [
        "fleet.csv:2:1 fleet-variable organisation `acme` lacks a variable: at sequences/vip.yaml:11:21, "
        "the environment has no variable `vip`"
    ]


def test_a_command_is_run_where_whoever_runs_the_tool_names_it(
    fleet: FleetRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.write("table.txt", "# organisations\nname\nacme\nglobex\n".partition("\n")[2])
    assert "2 organisations" in fleet.validate("--organisations-from", "cat table.txt").err
    monkeypatch.setenv("RECONCILER_ORGANISATIONS_FROM", "printf '[[organisations]]\\nname = \"one\"\\n'")
    assert "1 organisation," in fleet.validate().err
    for command, said in (
        ("false", "ended with exit code 1"),
        ("no-such-program", "cannot be run"),
        ("'", "cannot be taken apart"),
        (" ", "names no command"),
        ("printf '\\377'", "is not UTF-8"),
    ):
        result = fleet.validate("--organisations-from", command)
        assert (result.code, said in result.err) == (4, True), result


def test_only_names_what_there_is(fleet: FleetRepository) -> None:
    fleet.organisations("acme", "globex", acme='labels = ["eu"]')
    assert fleet.validate("--only", "a*", "--only", "label:e?").err.startswith("Fleet clients: 1 organisation,")
    for word, hint in (
        ("acmee", "did you mean `acme`?"),
        ("eu", "to mean a label, write label:eu"),
        ("label:ue", "did you mean `label:eu`?"),
    ):
        result = fleet.validate("--only", word)
        assert (result.code, hint in result.err) == (64, True), result


def test_a_key_is_found_in_a_keyring(fleet: FleetRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from keyrings.alt.file import PlaintextKeyring

    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        backend.set_password("opencx", "acme", "the-key")
        from reconciler.wiring.fleet import check_keys, open_fleet

        fleet.organisations("acme", "globex", acme='key = "keyring:opencx/acme"', globex='key = "keyring:opencx/g"')
        within = open_fleet(fleet.root, "clients", command=None)
        assert check_keys(within, ask_keyring=False)[0] == 0
        assert check_keys(within, ask_keyring=True)[0] == 1
    finally:
        keyring.set_keyring(before)
