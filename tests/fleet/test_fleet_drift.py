"""A look at a fleet over real HTTP: each organisation with its own key, and what fails in one is that one's own."""

import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.main import run
from reconciler.core.codec.errand import done_document, errand_document, read_done, read_errand
from reconciler.core.sticky import mark_of
from reconciler.errors import ExitCode
from reconciler.model.comment import Mark
from reconciler.model.errand import Surveyed, ToLook
from reconciler.model.plan import Refresh
from reconciler.signals import terminate
from tests.cli.test_documents import check
from tests.fleet.errand_bench import Errands
from tests.fleet.fleet_bench import CONFIG, FarmServer, FleetRepository, behind_a_farm
from tests.forge.forge_server import TOKEN, Forge, serve
from tests.scenarios.workbench import WRITES, Result

NAMES = ("acme", "globex", "hooli", "initech", "umbrella")
Edit = Callable[..., None]


@pytest.fixture
def errands(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Errands:
    """Five organisations, each with two sequences that were applied."""
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    fleet.sequence("news")
    made = Errands(fleet)
    found = made.run(made.to_apply(name) for name in NAMES)
    assert {done.exit_code for done in found.values()} == {ExitCode.DONE}
    return made


@pytest.fixture
def edit(farm: FarmServer) -> Edit:
    """Have somebody in an organisation's dashboard edit a sequence."""

    def edit(organisation: str, custom_id: str = "welcome", **fields: Any) -> None:
        changes = {f"/{field.replace('__', '/')}": value for field, value in fields.items()}
        farm.farm.simulators[organisation].edit(custom_id, changes, org_id=farm.farm.org_id(organisation))

    return edit


def drift(errands: Errands, *arguments: str) -> Result:
    return errands.fleet.run("fleet", "drift", "clients", *arguments)


def looked(errands: Errands, *arguments: str) -> dict[str, Any]:
    """The organisations of a look, by name."""
    document = drift(errands, "--format", "json", *arguments).json
    check("fleet-drift", document)
    return {each["name"]: each for each in document["organisations"]}


def reads(farm: FarmServer, name: str) -> int:
    return sum(entry.method == "GET" for entry in farm.farm.simulators[name].ledger())


def sends(farm: FarmServer, name: str) -> list[str]:
    """What the tool has written after the first apply."""
    ledger = farm.farm.simulators[name].ledger()
    return [str(entry.custom_id) for entry in ledger if entry.method in WRITES and entry.actor == "api"][2:]


def test_the_same_drift_is_told_once_and_an_odd_one_apart(errands: Errands, farm: FarmServer, edit: Edit) -> None:
    assert drift(errands, "--detailed-exitcode").code == 0
    for name in NAMES[:4]:
        edit(name, name="Theirs")
    edit("umbrella", name="Hers")
    result = drift(errands)
    assert (result.code, result.err) == (0, "")
    assert result.out.count("! welcome") == 2
    assert "in 4 of 5 organisations; status active\n        acme, globex, hooli, initech\n" in result.out
    assert "in 1 of 5 organisations; status active, apart from the others\n        umbrella\n" in result.out
    assert result.out.index('+ "Theirs"') < result.out.index('+ "Hers"')
    assert "5 drifted, 5 as recorded.\n10 of 10 recorded sequences read now.\n" in result.out
    assert drift(errands, "--detailed-exitcode").code == 2
    shown = "".join(drift(errands, "--format", format_).out for format_ in ("text", "json", "markdown", "html"))
    assert "canary" not in shown
    assert all(not sends(farm, name) for name in NAMES)


def test_what_fails_in_one_is_told_of_that_one(
    errands: Errands, farm: FarmServer, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("acme", name="Theirs")
    monkeypatch.setenv("OPENCX_GLOBEX", "expired")
    monkeypatch.delenv("OPENCX_HOOLI")
    (errands.fleet.root / ".reconciler/fleet/clients/initech.json").unlink()
    result = drift(errands, "--detailed-exitcode")
    assert result.code == 5
    assert result.out.startswith(
        "Drift of fleet clients: 5 organisations\n1 with drift, 3 not looked at, 1 without drift\n\n"
    )
    assert "not looked at in hooli: organisation `hooli` has no key: $OPENCX_HOOLI is not set\n" in result.out
    assert "initech.json is missing, but initech.json.seen beside it says that" in " ".join(result.out.split())
    assert "offline" not in result.out
    assert "expired" not in result.out
    parts = looked(errands)
    assert {name: each["exit_code"] for name, each in parts.items()} == {
        "acme": 0,
        "globex": 4,
        "hooli": 4,
        "initech": 5,
        "umbrella": 0,
    }
    assert parts["globex"]["error"]["kind"] == "credentials"
    assert parts["acme"]["look"]["summary"]["drifted"] == 1
    assert drift(errands, "--only", "acme", "--only", "globex").code == 4
    alone = drift(errands, "--only", "globex").out
    assert "\nnothing was looked at.\n1 organisation could not be looked at" in alone
    assert "no drift" not in alone
    assert drift(errands, "--only", "acme", "--detailed-exitcode").code == 2


def test_where_nothing_was_ever_applied_it_says_what_starts_a_state(fleet: FleetRepository) -> None:
    fleet.configure('[fleets.clients]\nenvironment = "sandbox"\norganisations = "fleet.toml"\n')
    fleet.organisations("acme")
    result = fleet.run("fleet", "drift", "clients")
    assert result.code == 5
    assert (
        "in acme: there is no state yet\n    hint: the first `reconciler fleet apply clients` starts one" in result.out
    )


def test_a_budget_is_that_of_each_organisation_and_the_next_look_goes_on(errands: Errands, farm: FarmServer) -> None:
    before = {name: reads(farm, name) for name in NAMES}
    first = drift(errands, "--budget", "1", "--format", "json").json
    assert {name: reads(farm, name) - before[name] for name in NAMES} == dict.fromkeys(NAMES, 1)
    covered = first["coverage"]
    assert [covered[key] for key in ("organisations", "whole", "recorded", "read", "ever")] == [5, 0, 10, 5, 5]
    assert covered["sweeps"] == 2
    text = drift(errands, "--budget", "1").out
    assert "5 of 10 recorded sequences read now; each was read since " in text
    assert "Looked at: 100 % within 24 hours, 100 % within 7 days, 100 % within 30 days.\n" in text


def test_shards_look_at_each_organisation_once(errands: Errands, farm: FarmServer) -> None:
    before = {name: reads(farm, name) for name in NAMES}
    shards = [drift(errands, "--shard", f"{k}/2", "--format", "json").json for k in (1, 2)]
    assert [each["shard"] for each in shards] == ["1/2", "2/2"]
    assert sorted(each["name"] for shard in shards for each in shard["organisations"]) == list(NAMES)
    assert {name: reads(farm, name) - before[name] for name in NAMES} == dict.fromkeys(NAMES, 2)


def test_what_may_be_set_back_is_and_is_told_by_organisation(errands: Errands, farm: FarmServer, edit: Edit) -> None:
    edit("acme", name="Theirs")
    edit("globex", name="Theirs")
    edit("globex", custom_id="news", filter=None)
    result = drift(errands, "--correct", "--yes", "--detailed-exitcode")
    assert result.code == 2
    assert "2 with drift" not in result.out
    assert "\n1 with drift left, 4 without drift\n" in result.out
    assert "not set back in globex: news: setting it back is R" in result.out
    assert "Set back: 2 organisations, 2 applied\n    acme: 1 applied\n    globex: 1 applied\n" in result.out
    assert {name: sends(farm, name) for name in NAMES if sends(farm, name)} == {
        "acme": ["welcome"],
        "globex": ["welcome"],
    }
    left = looked(errands)
    assert [name for name, each in left.items() if each["look"]["summary"]["drifted"]] == ["globex"]


def test_each_is_set_back_under_the_guards_of_its_own_environment(
    errands: Errands, farm: FarmServer, edit: Edit
) -> None:
    text = CONFIG.replace("[fleets", '[environments.careful]\napi = "{api}"\ndrift = {{ correct = "none" }}\n[fleets')
    strict = '[environments.strict]\napi = "{api}"\nguards = {{ protected = ["welcome"] }}\n[fleets'
    errands.fleet.configure(text.replace("[fleets", strict))
    errands.fleet.organisations(*NAMES, globex='environment = "careful"', hooli='environment = "strict"')
    for name in ("acme", "globex", "hooli"):
        edit(name, name="Theirs")
    result = drift(errands, "--correct", "--yes", "--format", "json")
    check("fleet-drift", result.json)
    assert result.code == 7
    assert {name: sends(farm, name) for name in ("acme", "globex", "hooli")} == {
        "acme": ["welcome"],
        "globex": [],
        "hooli": [],
    }
    parts = {each["name"]: each for each in result.json["organisations"]}
    assert parts["acme"]["look"]["correction"]["summary"] == {"applied": 1}
    assert "none" in parts["globex"]["look"]["correction"]["left"][0]["reason"]
    assert [each["rule"] for each in parts["hooli"]["look"]["correction"]["violations"]] == ["protected"]
    assert {name: each["exit_code"] for name, each in parts.items() if each["exit_code"]} == {"hooli": 7}
    text = drift(errands, "--correct", "--yes", "--override", "protected", "--reason", "agreed").out
    assert "Set back: 1 organisation, 1 applied\n    hooli: 1 applied\n" in text


def test_where_the_manifests_are_invalid_it_looks_and_sets_nothing_back(
    errands: Errands, farm: FarmServer, edit: Edit
) -> None:
    edit("acme", name="Theirs")
    errands.fleet.write("sequences/news.yaml", "steps: [")
    result = drift(errands)
    assert result.code == 0
    assert "warning in 5 organisations: the manifests cannot be read" in result.out
    result = drift(errands, "--correct", "--yes")
    assert result.code == 7
    assert (
        "not set back in acme: the manifests cannot be read, so nobody knows which fields are handed off" in result.out
    )
    assert "! welcome" in result.out
    assert not sends(farm, "acme")


@pytest.fixture
def heeding() -> Iterator[None]:
    """SIGTERM does here what it does to the command."""
    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


class Told(io.StringIO):
    """A stderr that knows as soon as it is said that the look stops: from then on everybody has been told to."""

    def __init__(self) -> None:
        super().__init__()
        self.stops = threading.Event()

    def write(self, text: str) -> int:
        if "stopping:" in text:
            self.stops.set()
        return super().write(text)


def killed(errands: Errands, farm: FarmServer, at: tuple[str, str], *arguments: str) -> tuple[Result, dict[str, Any]]:
    """Have SIGTERM come with the first request of that method and organisation, before it is answered."""
    saved, out, told = errands.fleet.root / "look.json", io.StringIO(), Told()

    def heard(method: str, key: str) -> None:
        if (method, key) == at and not told.stops.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
            # Nothing is answered until the main thread, in which it arrives, has had its turn.
            told.stops.wait(60)

    farm.heard = heard
    words = ["-C", str(errands.fleet.root), "fleet", "drift", "clients", "--parallel", "1", "--out", str(saved)]
    with redirect_stdout(out), redirect_stderr(told):
        code = run([*words, *arguments])
    farm.heard = lambda _method, _key: None
    document = json.loads(saved.read_text())
    check("fleet-drift", document)
    parts = {each["name"]: each for each in document["organisations"]}
    assert list(parts) == list(NAMES)
    assert {parts[name]["error"]["kind"] for name in NAMES[2:]} == {"not_begun"}
    return Result(int(code), out.getvalue(), told.getvalue()), parts


@pytest.mark.usefixtures("heeding")
def test_a_signal_in_the_middle_keeps_what_was_looked_at(errands: Errands, farm: FarmServer, edit: Edit) -> None:
    edit("acme", name="Theirs")
    result, parts = killed(errands, farm, ("GET", "canary-globex"))
    assert (result.code, result.err) == (143, "stopping: finishing what is under way; once more stops at once\n")
    assert "not looked at in 3 organisations: not begun: stopped by SIGTERM\n" in result.out
    assert "cut short in globex: stopped by SIGTERM\n" in result.out
    assert parts["acme"]["look"]["summary"]["drifted"] == 1
    assert parts["globex"]["error"]["kind"] == "stopped"
    assert parts["globex"]["look"]["coverage"]["recorded"] == 2
    assert len(errands.state("acme").looks) == 2
    assert errands.state("hooli").looks == {}


@pytest.mark.usefixtures("heeding")
def test_a_signal_while_it_is_set_back_leaves_everything_accounted_for(
    errands: Errands, farm: FarmServer, edit: Edit
) -> None:
    for name in NAMES:
        edit(name, name="Theirs")
        edit(name, custom_id="news", name="Theirs")
    result, parts = killed(errands, farm, ("PATCH", "canary-globex"), "--correct", "--yes")
    assert result.code == 143
    assert parts["acme"]["look"]["correction"]["summary"] == {"applied": 2}
    assert parts["globex"]["error"]["kind"] == "stopped"
    outcomes = parts["globex"]["look"]["correction"]["outcomes"]
    # What was in flight has a moment to be read back, which a busy machine may let pass.
    assert {each["status"] for each in outcomes} <= {"applied", "unverified", "not_sent"}
    done = sorted(each["custom_id"] for each in outcomes if each["status"] != "not_sent")
    assert sorted(sends(farm, "globex")) == done
    assert done
    assert all(not sends(farm, name) for name in NAMES[2:])
    # No lock and no journal is left, and what was not begun is what is left to do.
    assert errands.state("globex").pending == {}
    assert drift(errands, "--correct", "--yes").code == 0
    assert {name: sorted(sends(farm, name)) for name in NAMES} == {name: ["news", "welcome"] for name in NAMES}
    assert drift(errands, "--detailed-exitcode").code == 0


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """A forge that runs this as a step of a workflow."""
    forge = Forge()
    server = serve(forge)
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "ann/plants",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_RUN_ID": "500",
        "GITHUB_RUN_ATTEMPT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield forge
    server.shutdown()
    server.server_close()


def test_one_issue_for_the_fleet_comes_and_goes(
    errands: Errands, edit: Edit, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drift(errands, "--issue").err == "the issue about drift: nothing has drifted, and there is none\n"
    edit("acme", name="Theirs")
    edit("hooli", name="Theirs")
    assert drift(errands, "--issue").err == "the issue about drift: it was opened\n"
    [issue] = forge.opened()
    assert issue["title"] == "Drift of fleet clients"
    assert mark_of(issue["body"]) == Mark(key="fleet-drift clients", run=500_001)
    assert "2: `acme`, `hooli`" in issue["body"]
    for name in ("acme", "hooli"):
        edit(name, name="Welcome")
    # Whoever could not be looked at may still have drifted.
    monkeypatch.setenv("OPENCX_GLOBEX", "expired")
    monkeypatch.setenv("GITHUB_RUN_ID", "501")
    result = drift(errands, "--issue")
    assert (result.code, result.err) == (4, "the issue about drift: it was edited\n")
    monkeypatch.setenv("OPENCX_GLOBEX", "canary-globex")
    monkeypatch.setenv("GITHUB_RUN_ID", "502")
    assert drift(errands, "--issue").err == "the issue about drift: no drift is left, and it was closed\n"
    assert forge.opened() == []
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert drift(errands, "--issue").code == 4


def test_a_saved_look_is_drawn_as_it_was_and_a_broken_one_refused(
    errands: Errands, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("acme", name="Theirs")
    monkeypatch.setenv("OPENCX_GLOBEX", "expired")
    for format_ in ("json", "text", "markdown", "html"):
        saved = tmp_path / f"{format_}.look"
        result = drift(errands, "--correct", "--yes", "--format", format_, "--out", str(saved))
        shown = errands.fleet.run("show", str(saved), "--format", format_)
        assert (shown.code, shown.err, shown.out) == (0, "", result.out)
    assert errands.fleet.run("show", str(saved), "--format", "terraform").code == 64
    document = json.loads(saved.read_text())
    for edited in (
        {**document, "organisations": [{**document["organisations"][0], "name": "@everyone"}]},
        {**document, "organisations": [{"name": "acme"}]},
        {**document, "organisations": 3},
    ):
        saved.write_text(json.dumps(edited))
        shown = errands.fleet.run("show", str(saved))
        assert (shown.code, shown.out) == (64, "")
        assert "the file holds no whole look at a fleet" in shown.err


def test_what_cannot_be_meant_is_refused_before_anything_is_asked(errands: Errands, farm: FarmServer) -> None:
    before = [reads(farm, name) for name in NAMES]
    for words, said in {
        ("--correct",): "look first without --correct, then add --yes",
        ("--only", "acmee"): "did you mean `acme`?",
        ("--override", "freeze"): "--reason",
        ("--correct", "--yes", "--issue"): "an issue is about what a look finds",
        ("--issue", "--only", "acme"): "the issue is about the whole fleet",
        ("--issue", "--shard", "1/2"): "the issue is about the whole fleet",
    }.items():
        result = drift(errands, *words)
        assert (result.code, result.out) == (64, ""), words
        assert said in result.err
    errands.fleet.organisations("acme", "acme")
    result = drift(errands)
    assert result.code == 4
    assert "the table of fleet `clients` has mistakes, so nothing was looked at" in result.err
    assert [reads(farm, name) for name in NAMES] == before


def test_the_errand_and_what_came_of_it_travel_as_documents(errands: Errands, edit: Edit) -> None:
    edit("acme", name="Theirs")
    edit("acme", custom_id="news", filter=None)
    errand = errands.errand("acme", ToLook(budget=9, corrects=True), refresh=Refresh.ALL)
    assert "canary" not in json.dumps(errand_document(errand))
    assert read_errand(json.loads(json.dumps(errand_document(errand)))) == errand
    done = errands.workshop.perform(errand)
    assert isinstance(done.result, Surveyed)
    assert done.result.correction is not None
    assert len(done.result.correction.outcomes) == 1
    document = json.loads(json.dumps(done_document(done)))
    again = read_done(document)
    assert done_document(again) == document
    assert (again.exit_code, again.failure) == (done.exit_code, done.failure)
