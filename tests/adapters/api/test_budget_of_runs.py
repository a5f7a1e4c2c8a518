"""Two runs shortly after each other, through the command line: the sandbox's ledger shows one budget."""

from pathlib import Path

import pytest

from tests.scenarios.workbench import Repository


def limited(http: Repository, url: str) -> Repository:
    http.configure(f'[environments.remote]\napi = "{url}"\nrate_limit = {{ requests = 4, seconds = 0.7 }}\n')
    for number in range(5):
        http.write(f"welcome-{number}")
    return http


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in moments) for start in moments)


def test_two_runs_keep_to_one_budget(
    http: Repository, server: tuple[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    repository = limited(http, server[0])
    with repository.watched() as seen:
        for _ in range(2):
            assert repository.plan()["summary"]["create"] == 5
    assert len(seen) >= 10
    assert most_in_a_window([each.time for each in seen], 0.7) <= 4
    assert len(list((tmp_path / "state" / "reconciler" / "limits").iterdir())) == 1


def test_where_the_budget_cannot_be_kept_the_user_is_told_once(
    http: Repository, server: tuple[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    result = limited(http, server[0]).run("plan")
    assert result.code == 0
    assert result.err.count("the request limit is counted for this process alone") == 1
