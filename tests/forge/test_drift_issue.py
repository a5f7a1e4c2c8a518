"""`reconciler drift --issue`: one issue for each environment, opened, edited and closed by the tool alone."""

from collections.abc import Callable

import pytest

from reconciler.core.sticky import LONGEST, mark_of, marked, text_of
from reconciler.errors import ExitCode
from reconciler.model.comment import Mark
from tests.forge.forge_server import BOT, TOKEN, Answer, Forge
from tests.scenarios.workbench import Repository, Result

KEY = "drift sandbox"
Look = Callable[..., Result]


@pytest.fixture
def look(forge: Forge, embedded: Repository, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Two recorded sequences, and the command as a step of a scheduled workflow runs it."""
    for name in ("news", "welcome"):
        embedded.write(name)
    embedded.applied()
    github: dict[str, str | None] = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "ann/plants",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_RUN_ID": "500",
        "GITHUB_RUN_ATTEMPT": "1",
    }

    def look(*words: str, **variables: str | None) -> Result:
        for name, value in {**github, **variables}.items():
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
        return embedded.run("drift", "--issue", *words)

    return look


def is_post(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/issues")


def texts(forge: Forge) -> list[str]:
    return [text_of(each["body"]) for each in forge.opened()]


def test_it_is_opened_edited_and_closed_and_never_opened_for_nothing(
    forge: Forge, embedded: Repository, look: Look
) -> None:
    assert look().err == "the issue about drift: nothing has drifted, and there is none\n"
    assert forge.count("POST") == 0
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    ended = look()
    assert (ended.code, ended.err) == (0, "the issue about drift: it was opened\n")
    [issue] = forge.opened()
    assert (issue["title"], mark_of(issue["body"])) == ("Drift of sandbox", Mark(key=KEY, run=500_001))
    assert "`welcome`" in issue["body"]
    embedded.simulator.edit("news", {"/name": "Theirs too"})
    assert look(GITHUB_RUN_ID="501").err == "the issue about drift: it was edited\n"
    assert "`news`" in texts(forge)[0]
    for name in ("news", "welcome"):
        embedded.simulator.edit(name, {"/name": name.title()})
    assert look(GITHUB_RUN_ID="502").err == "the issue about drift: no drift is left, and it was closed\n"
    assert forge.opened() == []
    assert text_of(issue["body"]).startswith("✅ **No drift is left**: 2 of 2 recorded sequences read now.")
    assert len(forge.issues) == 1


def test_a_look_that_has_not_read_everything_does_not_close_it(forge: Forge, embedded: Repository, look: Look) -> None:
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    look()
    embedded.simulator.edit("welcome", {"/name": "Welcome"})
    assert look("--only", "news", GITHUB_RUN_ID="501").err == "the issue about drift: it was edited\n"
    assert "it had drifted when it was read at" in texts(forge)[0]
    embedded.write("third")
    embedded.applied()
    assert look("--only", "welcome", GITHUB_RUN_ID="502").err == "the issue about drift: it was edited\n"
    assert texts(forge)[0].startswith("No drift is known, and not everything could be read yet")
    assert look("--budget", "1", GITHUB_RUN_ID="503").err.endswith("no drift is left, and it was closed\n")


def test_other_peoples_issues_and_pull_requests_are_left_alone(forge: Forge, embedded: Repository, look: Look) -> None:
    forged = marked(Mark(key=KEY, run=10**9), "forged")
    forge.open(forged, author="mallory")
    forge.open(forged, is_pull=True)
    forge.open(marked(Mark(key="drift production"), "another environment's"))
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert look().err == "the issue about drift: it was opened\n"
    assert texts(forge)[:3] == ["forged", "forged", "another environment's"]
    assert len(forge.opened()) == 4


def test_it_is_found_on_a_later_page(forge: Forge, embedded: Repository, look: Look) -> None:
    for number in range(205):
        forge.open(f"{number}", author="ann")
    forge.open(marked(Mark(key=KEY), "old"))
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert look().err == "the issue about drift: it was edited\n"
    assert len(forge.opened()) == 206


def test_two_that_were_opened_at_once_become_the_older_one(forge: Forge, embedded: Repository, look: Look) -> None:
    first = forge.open(marked(Mark(key=KEY, run=1), "one"))
    second = forge.open(marked(Mark(key=KEY, run=2), "two"))
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert look().code == 0
    assert [each["number"] for each in forge.opened()] == [first]
    assert f"it goes on there: #{first}" in forge.issues[second]["body"]


def test_a_newer_runs_issue_is_left_alone(forge: Forge, embedded: Repository, look: Look) -> None:
    forge.open(marked(Mark(key=KEY, run=900_001), "newer"))
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert "a newer run has written it already" in look().err
    assert texts(forge) == ["newer"]


@pytest.mark.parametrize("how", [Answer(502, done=True), Answer(201, done=True, hangs_up=True)], ids=["502", "hang-up"])
def test_a_lost_answer_does_not_double_it(forge: Forge, embedded: Repository, look: Look, how: Answer) -> None:
    forge.instead.append((is_post, how))
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert look().code == 0
    assert len(forge.opened()) == 1


def test_a_limit_is_waited_for_and_a_refusal_is_told_beside_the_report(
    forge: Forge, embedded: Repository, look: Look
) -> None:
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    forge.instead.append((is_post, Answer(403, body={"message": "Resource not accessible by integration"})))
    ended = look("--format", "json")
    assert (ended.code, ended.json["error"]["kind"]) == (ExitCode.REFUSED_CONFIGURATION, "credentials")
    assert (ended.json["summary"]["drifted"], TOKEN in ended.out + ended.err) == (1, False)
    forge.instead.append((is_post, Answer(429, {"Retry-After": "1"})))
    assert look().code == 0
    assert len(forge.opened()) == 1


def test_it_fits_however_much_has_drifted(forge: Forge, embedded: Repository, look: Look) -> None:
    names = [f"s{number:03}" for number in range(150)]
    for name in names:
        embedded.write(name)
    embedded.applied()
    for name in names:
        embedded.simulator.edit(name, {"/name": "@ann " * 60, "/steps/0/action/data/email_body": f"<p>{'x' * 900}</p>"})
    assert look().code == 0
    [issue] = forge.opened()
    assert len(issue["body"]) <= LONGEST
    assert "150 drifted" in issue["body"]


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ((), {"GITHUB_REPOSITORY": None}, "this is no CI that can be told apart"),
        ((), {"GITHUB_TOKEN": None}, "$GITHUB_TOKEN is not set"),
        (("--correct", "--yes"), {}, "an issue is about what a look finds"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_read(
    forge: Forge,
    embedded: Repository,
    look: Look,
    words: tuple[str, ...],
    variables: dict[str, str | None],
    expected: str,
) -> None:
    with embedded.watched() as seen:
        ended = look(*words, **variables)
    assert ended.code in (ExitCode.USAGE, ExitCode.REFUSED_CONFIGURATION)
    assert expected in ended.err
    assert (seen, forge.log) == ([], [])


def test_gitlab_keeps_its_issue_the_same_way(forge: Forge, embedded: Repository, look: Look) -> None:
    forge.knows_itself, forge.login = True, "project_1_bot"
    gitlab: dict[str, str | None] = {
        "GITHUB_REPOSITORY": None,
        "CI_API_V4_URL": forge.url,
        "CI_PROJECT_ID": "ann/plants",
        "CI_PIPELINE_ID": "9",
        "GITLAB_TOKEN": TOKEN,
    }
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    assert look(**gitlab).err == "the issue about drift: it was opened\n"
    embedded.simulator.edit("welcome", {"/name": "Welcome"})
    assert (
        look(**{**gitlab, "CI_PIPELINE_ID": "10"}).err == "the issue about drift: no drift is left, and it was closed\n"
    )
    assert [each["state"] for each in forge.issues.values()] == ["closed"]
    assert BOT not in str(forge.log)
