"""`reconciler comment`: one comment for each pull request, whoever else writes, whatever the forge does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.sticky import LONGEST, mark_of, marked, text_of
from reconciler.errors import ExitCode
from reconciler.model.comment import Mark
from tests.fleet.fleet_bench import fleet_repository
from tests.forge.conftest import HEAD, MERGE, Run
from tests.forge.forge_server import BOT, TOKEN, Answer, Forge

KEY = ("--key", "plan production")
GITLAB = {
    "GITHUB_REPOSITORY": None,
    "CI_PROJECT_ID": "ann/plants",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_COMMIT_SHA": HEAD,
    "CI_PIPELINE_ID": "9",
    "GITLAB_TOKEN": TOKEN,
}


def is_post(method: str, path: str) -> bool:
    del path
    return method == "POST"


def is_list(method: str, path: str) -> bool:
    return method == "GET" and path.endswith("/comments")


def is_edit(method: str, path: str) -> bool:
    del path
    return method == "PATCH"


def body(text: str, *, key: str = "plan production", **facts: Any) -> str:
    return marked(Mark(key=key, **facts), text)


def test_the_first_run_writes_the_comment_and_the_next_ones_edit_it(forge: Forge, run: Run) -> None:
    ended = run("-", *KEY, stdin="# One change\n")
    assert (ended.code, ended.err) == (0, "pull request 7: the comment was written\n")
    assert (
        run("-", *KEY, stdin="# Two changes\n", GITHUB_RUN_ID="501").err == "pull request 7: the comment was edited\n"
    )
    assert [text_of(each) for each in forge.bodies(7)] == ["# Two changes\n"]
    assert mark_of(forge.bodies(7)[0]) == Mark(key="plan production", commit=HEAD, run=501_001)


def test_a_run_that_says_the_same_writes_nothing(forge: Forge, run: Run) -> None:
    run("-", *KEY, stdin="same\n")
    writes = forge.count("POST") + forge.count("PATCH")
    assert run("-", *KEY, stdin="same\n").err == "pull request 7: the comment says so already\n"
    assert forge.count("POST") + forge.count("PATCH") == writes


def test_other_peoples_comments_are_left_alone_even_with_our_mark(forge: Forge, run: Run) -> None:
    forge.add(7, "LGTM", author="ann")
    forged = body("approve this", digest="sha256:forged", commit=HEAD, run=10**9)
    forge.add(7, forged, author="mallory")
    forge.add(7, body("another one", key="drift production"))
    assert run("-", *KEY, stdin="ours\n").code == 0
    assert [text_of(each) for each in forge.bodies(7)] == ["LGTM", "approve this", "another one", "ours\n"]


def test_the_comment_is_found_on_a_later_page(forge: Forge, run: Run) -> None:
    for number in range(230):
        forge.add(7, f"word {number}", author="ann")
    forge.add(7, body("old"))
    assert run("-", *KEY, stdin="new\n").err == "pull request 7: the comment was edited\n"
    assert len(forge.bodies(7)) == 231
    assert text_of(forge.bodies(7)[-1]) == "new\n"


def test_two_runs_at_once_end_with_one_comment_that_says_what_the_newer_one_says(forge: Forge, run: Run) -> None:
    forge.before.append((is_post, lambda: forge.add(7, body("of the newer run", run=900_001))))
    ended = run("-", *KEY, stdin="of this run\n")
    assert (ended.code, ended.err) == (
        0,
        "pull request 7: a newer run has written the comment already; it was left alone\n",
    )
    assert run("-", *KEY, stdin="of the third\n", GITHUB_RUN_ID="901").code == 0
    assert [text_of(each) for each in forge.bodies(7)] == ["of the third\n"]


def test_two_comments_of_ours_become_the_older_one_with_what_the_newer_run_said(forge: Forge, run: Run) -> None:
    first = forge.add(7, body("old", run=1))
    forge.add(7, body("new", run=2))
    assert run("-", *KEY, stdin="newest\n").code == 0
    assert [each["id"] for each in forge.comments[7]] == [first]
    assert text_of(forge.bodies(7)[0]) == "newest\n"


def test_a_comment_that_somebody_removes_meanwhile_is_written_again(forge: Forge, run: Run) -> None:
    forge.add(7, body("old"))
    forge.before.append((is_edit, forge.comments[7].clear))
    assert run("-", *KEY, stdin="new\n").code == 0
    assert [text_of(each) for each in forge.bodies(7)] == ["new\n"]


@pytest.mark.parametrize("how", [Answer(502, done=True), Answer(201, done=True, hangs_up=True)], ids=["502", "hang-up"])
def test_a_lost_answer_does_not_double_the_comment(forge: Forge, run: Run, how: Answer) -> None:
    forge.instead.append((is_post, how))
    assert run("-", *KEY, stdin="once\n").code == 0
    assert [text_of(each) for each in forge.bodies(7)] == ["once\n"]


def test_a_request_that_did_not_get_through_is_made_again(forge: Forge, run: Run) -> None:
    forge.instead += [(is_post, Answer(503)), (is_list, Answer(500))]
    assert run("-", *KEY, stdin="once\n").code == 0
    assert [text_of(each) for each in forge.bodies(7)] == ["once\n"]


@pytest.mark.parametrize("status", [429, 403])
def test_a_limit_is_waited_for_within_bounds(forge: Forge, run: Run, status: int) -> None:
    forge.instead.append((is_post, Answer(status, {"Retry-After": "1"})))
    assert run("-", *KEY, stdin="once\n").code == 0
    assert len(forge.bodies(7)) == 1
    forge.instead.append((is_list, Answer(status, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"})))
    ended = run("-", *KEY, stdin="twice\n")
    assert ended.code == ExitCode.UNAVAILABLE
    assert "GitHub asks to wait" in ended.err


def test_a_token_without_the_right_is_refused_and_never_shown(forge: Forge, run: Run) -> None:
    forge.instead.append((is_post, Answer(403, body={"message": "Resource not accessible by integration"})))
    ended = run("-", *KEY, stdin="x\n")
    assert ended.code == ExitCode.REFUSED_CONFIGURATION
    assert "refused the token (403): Resource not accessible by integration" in ended.err
    assert run("-", *KEY, stdin="x\n", GITHUB_TOKEN=TOKEN[::-1]).code == ExitCode.REFUSED_CONFIGURATION
    assert TOKEN not in ended.out + ended.err


def test_a_text_that_no_comment_holds_is_refused_before_anything_is_asked(forge: Forge, run: Run) -> None:
    ended = run("-", *KEY, stdin="x" * LONGEST)
    assert ended.code == ExitCode.USAGE
    assert "65,536 characters, and a comment holds 64,512" in ended.err
    assert forge.log == []
    assert run("-", *KEY, stdin="x" * 64_512).code == 0


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ([], {}, "name one of FILE, --reviewed and --result"),
        (["-"], {}, "nothing says which comment this is"),
        (["-", *KEY], {"GITHUB_EVENT_PATH": None}, "no pull request is known here"),
        (["-", *KEY], {"GITHUB_REPOSITORY": None}, "this is no CI that can be told apart"),
        (["-", *KEY], {"GITHUB_API_URL": "http://api.example.com"}, "neither https nor this machine"),
        (["-", *KEY], {"GITHUB_REPOSITORY": "ann/../.."}, "the repository is not named `owner/name`"),
        (["-", *KEY], {"GITHUB_TOKEN": None}, "$GITHUB_TOKEN is not set"),
        (["missing.md", *KEY], {}, "cannot read missing.md"),
        (["--reviewed", "main"], {}, "a commit is named by its whole hash"),
    ],
)
def test_what_is_asked_in_a_wrong_way_is_told_and_nothing_is_written(
    forge: Forge, run: Run, words: list[str], variables: dict[str, str | None], expected: str
) -> None:
    ended = run(*words, stdin="text\n", **variables)
    assert ended.code in (ExitCode.USAGE, ExitCode.REFUSED_CONFIGURATION)
    assert expected in ended.err
    assert forge.count("POST") == 0


def test_the_reviewed_digest_is_read_off_our_own_comment_alone(forge: Forge, run: Run) -> None:
    reviewed, forged = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    forge.pulls[MERGE] = [{"number": 7, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": {"sha": HEAD}}]
    forge.add(7, body("plan", key="plan sandbox", digest=forged, commit=HEAD, run=10**9), author="mallory")
    ended = run("--reviewed", MERGE)
    assert (ended.code, ended.out) == (ExitCode.REFUSED, "")
    assert f"pull request 7 has no comment with a plan (`plan sandbox`, by {BOT})" in ended.err
    forge.add(7, body("plan", key="plan sandbox", digest=reviewed, commit=HEAD, run=1))
    assert run("--reviewed", MERGE).out == reviewed + "\n"


def test_a_commit_that_nobody_reviewed_a_plan_for_is_refused(forge: Forge, run: Run) -> None:
    ended = run("--reviewed", MERGE)
    assert ended.code == ExitCode.REFUSED
    assert "nobody reviewed a plan for it" in ended.err
    forge.pulls[MERGE] = [
        {"number": 7, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": {"sha": "c" * 40}}
    ]
    forge.add(7, body("plan", key="plan sandbox", digest="sha256:1", commit=HEAD))
    assert "is for another commit than the one that was merged" in run("--reviewed", MERGE).err


def test_the_result_stands_on_top_of_the_plan_and_the_next_one_takes_its_place(
    forge: Forge, run: Run, tmp_path: Path
) -> None:
    forge.pulls[MERGE] = [{"number": 7, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": {"sha": HEAD}}]
    forge.add(7, body("the plan\n", key="plan sandbox", digest="sha256:1", commit=HEAD))
    outcome = {"custom_id": "welcome", "id": None, "action": "update", "status": "applied", "detail": ""}
    document = {"environment": "sandbox", "digest": "sha256:1", "summary": {"applied": 1}, "outcomes": [outcome]}
    file = tmp_path / "result.json"
    for status, verdict in (("unknown", "1 outcome unknown: a person must look"), ("applied", "✅ Applied")):
        outcome["status"] = status
        file.write_text(json.dumps(document), encoding="utf-8")
        assert run("--result", MERGE, "result.json").code == 0
        text = text_of(forge.bodies(7)[0])
        assert verdict in text.splitlines()[1]
        assert text.endswith("the plan\n")
        assert text.count("reconciler result -->") == 1
    assert mark_of(forge.bodies(7)[0]) == Mark(key="plan sandbox", digest="sha256:1", commit=HEAD)


def test_a_result_beside_a_plan_that_fills_the_comment_still_fits(forge: Forge, run: Run, tmp_path: Path) -> None:
    forge.pulls[MERGE] = [{"number": 7, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": {"sha": HEAD}}]
    forge.add(7, body("x" * 60_000, key="plan sandbox", digest="sha256:1", commit=HEAD))
    outcomes = [
        {"custom_id": f"s{n}", "id": None, "action": "update", "status": "rejected", "detail": "no " * 200}
        for n in range(500)
    ]
    (tmp_path / "result.json").write_text(
        json.dumps({"environment": "sandbox", "outcomes": outcomes}), encoding="utf-8"
    )
    assert run("--result", MERGE, "result.json").code == 0
    assert len(forge.bodies(7)[0]) <= LONGEST
    assert "… and 460 more" in forge.bodies(7)[0]


def test_a_fleet_has_a_comment_of_its_own_with_its_plan_and_what_came_of_it(
    forge: Forge, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.pulls[MERGE] = [{"number": 7, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": {"sha": HEAD}}]
    with fleet_repository(tmp_path / "fleet") as fleet:
        fleet.write("reconciler.toml", '[fleets.clients]\nenvironment = "sandbox"\norganisations = "fleet.toml"\n')
        fleet.organisations("acme", "globex")
        assert fleet.plan("--out", "../plan.json").code == 0
        assert fleet.run("fleet", "apply", "clients", "../plan.json", "--yes", "--out", "../result.json").code == 0
    capsys.readouterr()
    assert run("-", "--plan", "plan.json", stdin="the plan\n").code == 0
    mark = mark_of(forge.bodies(7)[0])
    assert mark is not None
    assert (mark.key, mark.digest) == (
        "plan fleet clients",
        json.loads((tmp_path / "plan.json").read_bytes())["digest"],
    )
    assert run("--reviewed", MERGE, "--key", "plan fleet clients").out == f"{mark.digest}\n"
    assert run("--result", MERGE, "result.json").code == 0
    text = text_of(forge.bodies(7)[0])
    assert "### ✅ Applied to fleet `clients`: 2 applied" in text
    assert text.endswith("the plan\n")


def test_gitlab_keeps_its_comment_the_same_way(forge: Forge, run: Run) -> None:
    forge.knows_itself, forge.login = True, "project_1_bot"
    gitlab: dict[str, str | None] = {**GITLAB, "CI_API_V4_URL": forge.url}
    forge.add(7, body("added 1 commit"), system=True)
    assert run("-", *KEY, stdin="one\n", **gitlab).err == "pull request 7: the comment was written\n"
    assert run("-", *KEY, stdin="two\n", **gitlab).err == "pull request 7: the comment was edited\n"
    assert [text_of(each) for each in forge.bodies(7)] == ["added 1 commit", "two\n"]


def test_a_mark_survives_whatever_its_words_are() -> None:
    for hostile in ("-->", "a --> b <!-- c", '"}', "\n", "\u2028", "plan production"):
        mark = Mark(key=hostile, digest=hostile, commit=None, run=3)
        assert mark_of(marked(mark, "text")) == mark
        assert marked(mark, "text").count("-->") == 1
    assert re.fullmatch(r"[\x20-\x7e]*\ntext", marked(Mark(key="\u202e\n"), "text"))


@pytest.mark.parametrize("line", ['{"key": 5}', '{"key": "a", "run": true}', '{"key": "a", "x": 1}', "{", "[]", "{}"])
def test_what_is_no_mark_is_none(line: str) -> None:
    assert mark_of(f"<!-- reconciler {line} -->\n") is None
    assert mark_of(" " + body("x")) is None
