"""From the user's repository to its remote: every kind of checkout, all of its settings, and nothing left in it."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.store.git import GitBackend
from reconciler.adapters.store.git_objects import require_state_ref
from reconciler.errors import ConfigurationError, ExitCode, ReconcilerError, StateError
from tests.adapters.store.git_places import REF, Places, everything_in, git, make_places, saved, served


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path)


def work(backend: GitBackend) -> None:
    """Use every method, and check what it comes to."""
    backend.require_room(100)
    backend.swap_lock(b"lock", expected=None)
    lock = backend.read_lock()
    assert lock is not None
    first = backend.write_state(b"one", expected=None, saved=saved(1))
    end = backend.append_journal(b"more", expected=backend.start_journal(b"head", expected=None))
    assert backend.read_journal() == (b"headmore", end)
    second = backend.write_state(b"two", expected=first, saved=saved(2))
    backend.drop_journal(expected=end)
    backend.swap_lock(None, expected=lock.version)
    assert backend.read_state() == (b"two", second)
    assert [each.serial for each in backend.history()] == [2, 1]
    assert backend.recall(1) == b"one"


CHECKOUTS = {
    "whole": ("--origin=origin",),
    "as CI makes it": ("--depth=1", "--single-branch", "--no-tags"),
    "without a work tree": ("--bare",),
    "a mirror of every ref": ("--mirror",),
    "without contents": ("--filter=blob:none",),
}


@pytest.mark.parametrize("options", CHECKOUTS.values(), ids=CHECKOUTS.keys())
def test_every_kind_of_clone_works_and_is_left_as_it_was(places: Places, options: tuple[str, ...]) -> None:
    git("config", "uploadpack.allowFilter", "true", folder=places.remote)
    clone = places.clone("clone", *options)
    before = everything_in(clone)
    work(GitBackend(clone, REF))
    assert everything_in(clone) == before


def test_a_detached_head_with_changes_that_are_not_committed_is_left_as_it_was(places: Places) -> None:
    clone = places.clone()
    git("checkout", "--quiet", "HEAD~1", folder=clone)
    (clone / "welcome.yaml").write_text("being edited")
    (clone / ".git" / "index.lock").touch()  # another git is at work
    before = everything_in(clone)
    work(GitBackend(clone, REF))
    assert everything_in(clone) == before


def test_a_work_tree_beside_the_clone_and_a_folder_inside_work_too(places: Places) -> None:
    clone = places.clone()
    git("worktree", "add", "--quiet", "../tree", folder=clone)
    (places.root / "tree" / "deep").mkdir()
    before = everything_in(places.root / "tree"), everything_in(clone)
    work(GitBackend(places.root / "tree" / "deep", REF))
    assert (everything_in(places.root / "tree"), everything_in(clone)) == before


def test_no_hook_and_no_template_of_the_user_runs(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = places.clone()
    hooks = places.root / "hooks"
    hooks.mkdir()
    (clone / ".git" / "hooks").mkdir()
    for name in ("pre-push", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {places.root}/ran\nexit 1\n")
        (hooks / name).chmod(0o755)
        (clone / ".git" / "hooks" / name).write_bytes((hooks / name).read_bytes())
        (clone / ".git" / "hooks" / name).chmod(0o755)
    git("config", "core.hooksPath", str(hooks), folder=clone)
    home = places.root / "home"
    home.mkdir()
    git("config", "--file", ".gitconfig", "core.hooksPath", str(hooks), folder=home)
    monkeypatch.setenv("HOME", str(home))
    # The remote's own hooks are the remote's business, and here the two have one home.
    git("config", "core.hooksPath", "/dev/null", folder=places.remote)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(hooks))
    work(GitBackend(clone, REF))
    assert not (places.root / "ran").exists()


def test_being_run_by_git_in_a_hook_does_not_lead_astray(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    clone, other = places.clone(), places.root / "plain"
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / "objects"))
    monkeypatch.setenv("GIT_TRACE", "1")
    before = everything_in(other)
    work(GitBackend(clone, REF))
    assert everything_in(other) == before


def test_no_setting_of_the_user_is_needed_and_none_gets_in_the_way(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = places.clone()
    home = places.root / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tuseConfigOnly = true\n[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n\tfollowTags = true\n"
        "\tpushOption = x\n[fetch]\n\tprune = true\n[color]\n\tui = always\n[log]\n\tshowSignature = true\n"
        '[i18n]\n\tlogOutputEncoding = latin1\n[core]\n\tautocrlf = true\n[remote "origin"]\n\tmirror = true\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANGUAGE", "de")
    backend = GitBackend(clone, REF)
    work(backend)
    backend.write_state(b"three", expected=places.refs()["production"], saved=saved(3, "Jürgen"))
    assert backend.history()[0] == saved(3, "Jürgen")


def test_urls_are_rewritten_and_relative_ones_start_where_git_starts_them(places: Places) -> None:
    clone = places.clone()
    (clone / "deep").mkdir()
    assert git("remote", "get-url", "origin", folder=clone) == "../remote.git"
    work(GitBackend(clone / "deep", REF))
    git("remote", "set-url", "origin", "short:remote.git", folder=clone)
    git("config", f"url.{places.root.as_uri()}/.insteadOf", "short:", folder=clone)
    assert GitBackend(clone / "deep", REF).recall(2) == b"two"


def test_another_remote_can_be_named(places: Places) -> None:
    clone = places.clone()
    git("remote", "rename", "origin", "team.origin", folder=clone)
    backend = GitBackend(clone, REF, remote="team.origin")
    assert backend.where == f"{REF} on team.origin"
    work(backend)


def test_a_repository_of_longer_ids_works(tmp_path: Path) -> None:
    places = make_places(tmp_path, "--object-format=sha256")
    work(GitBackend(places.clone(), REF))
    assert len(places.refs()["production"]) == 64
    assert "error" not in git("fsck", "--strict", "--full", folder=places.remote)


def test_what_is_written_is_sound_to_git(places: Places) -> None:
    work(GitBackend(places.clone(), REF))
    ended = subprocess.run(["git", "fsck", "--strict", "--full"], cwd=places.remote, capture_output=True, check=True)
    assert b"missing" not in ended.stdout + ended.stderr
    assert b"error" not in ended.stdout + ended.stderr


def test_a_server_that_refuses_every_rewind_lets_locks_and_journals_be_replaced(places: Places) -> None:
    git("config", "receive.denyNonFastForwards", "true", folder=places.remote)
    backend = GitBackend(places.clone(), REF)
    backend.swap_lock(b"one", expected=None)
    lock = backend.read_lock()
    assert lock is not None
    backend.swap_lock(b"two", expected=lock.version)
    end = backend.start_journal(b"one", expected=None)
    backend.start_journal(b"two", expected=end)


def test_nothing_is_left_in_the_temp_folder(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    temp = places.root / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    backend = GitBackend(places.clone(), REF)
    work(backend)
    (folder,) = temp.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    del backend
    assert list(temp.iterdir()) == []
    with pytest.raises(ConfigurationError):
        GitBackend(temp, REF).read_state()
    assert list(temp.iterdir()) == []


# --- over HTTP


def test_a_token_in_the_repositorys_settings_is_sent_once_and_shown_never(places: Places) -> None:
    """As actions/checkout leaves it: a header for the host, in the repository's configuration or a file beside it."""
    with served(places) as door:
        clone = places.clone()
        git("remote", "set-url", "origin", door.url.replace("://", "://ann:hunter2@"), folder=clone)
        key = f"http.http://127.0.0.1:{door.port}/.extraheader"
        git("config", key, f"AUTHORIZATION: {door.credential}", folder=clone)
        before = everything_in(clone)
        work(GitBackend(clone, REF))
        assert everything_in(clone) == before
        assert {tuple(each) for each in door.headers_seen} == {(door.credential,)}


def test_a_token_that_only_this_folder_gets_is_sent(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(places) as door:
        clone = places.clone()
        git("remote", "set-url", "origin", door.url, folder=clone)
        home = places.root / "home"
        home.mkdir()
        (home / ".gitconfig").write_text(
            f'[includeIf "gitdir:{clone}/.git"]\n\tpath = token\n[http]\n\tversion = HTTP/1.1\n'
        )
        (home / "token").write_text(f"[http]\n\textraheader = Authorization: {door.credential}\n")
        monkeypatch.setenv("HOME", str(home))
        work(GitBackend(clone, REF))
        # One that every folder gets is not said twice: a server refuses a header that comes twice.
        (home / ".gitconfig").write_text(f"[http]\n\textraheader = Authorization: {door.credential}\n")
        assert GitBackend(clone, REF).recall(2) == b"two"
        assert {tuple(each) for each in door.headers_seen} == {(door.credential,)}


def test_a_server_that_refuses_the_credentials_is_said_without_them(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(places) as door:
        clone = places.clone()
        git("remote", "set-url", "origin", door.url.replace("://", "://ann:hunter2@") + "?key=hunter2", folder=clone)
        askpass = places.root / "askpass"
        askpass.write_text("#!/bin/sh\nexit 1\n")
        askpass.chmod(0o755)
        monkeypatch.setenv("GIT_ASKPASS", str(askpass))
        with pytest.raises(StateError, match="cannot read refs/reconciler/production on origin: ") as refused:
            GitBackend(clone, REF).read_state()
    assert "hunter2" not in refused.value.message + str(refused.value.hint)
    assert "write access" in str(refused.value.hint)


def test_a_write_whose_answer_is_lost_is_found_by_reading_back(places: Places) -> None:
    with served(places) as door:
        clone = places.clone()
        git("remote", "set-url", "origin", door.url, folder=clone)
        git("config", "http.extraheader", f"Authorization: {door.credential}", folder=clone)
        backend = GitBackend(clone, REF)
        door.unanswered.add("/git-receive-pack")
        backend.swap_lock(b"lock", expected=None)
        version = backend.write_state(b"one", expected=None, saved=saved(1))
        end = backend.append_journal(b"more", expected=backend.start_journal(b"head", expected=None))
        assert places.refs()["production"] == version
        backend.drop_journal(expected=end)
        door.unanswered.add("/info/refs")
        with pytest.raises(StateError, match="nobody knows whether it was written") as lost:
            backend.write_state(b"two", expected=version, saved=saved(2))
    assert type(lost.value) is StateError
    assert places.backend("bob").read_state() == (b"one", version)


def test_a_remote_that_never_answers_ends_in_time(places: Places) -> None:
    with served(places) as door:
        clone = places.clone()
        git("remote", "set-url", "origin", door.url, folder=clone)
        git("config", "http.extraheader", f"Authorization: {door.credential}", folder=clone)
        backend = GitBackend(clone, REF)
        assert backend.read_state() is None
        door.hung.add("/git-receive-pack")
        backend._workplace.private._timeout = 0.3
        with pytest.raises(StateError, match=r"cannot write .*@lock on origin: no answer within 0.3 seconds"):
            backend.swap_lock(b"lock", expected=None)
        door.hung.add("/info/refs")
        with pytest.raises(StateError, match=r"cannot read .*production on origin: no answer within 0.3 seconds"):
            backend.read_state()


# --- what cannot be used


def refusal(backend: GitBackend) -> ReconcilerError:
    with pytest.raises(ReconcilerError) as refused:
        backend.read_state()
    assert refused.value.hint
    return refused.value


def test_a_folder_outside_of_any_repository_is_refused(places: Places) -> None:
    error = refusal(GitBackend(places.root, REF))
    assert error.exit_code is ExitCode.REFUSED_CONFIGURATION
    assert "is not in a git repository" in error.message
    error = refusal(GitBackend(places.root / "nowhere", REF))
    assert error.exit_code is ExitCode.REFUSED_CONFIGURATION


def test_a_remote_that_is_not_there_is_refused(places: Places) -> None:
    clone = places.clone()
    error = refusal(GitBackend(clone, REF, remote="upstream"))
    assert error.exit_code is ExitCode.REFUSED_CONFIGURATION
    assert error.message == "state is to be kept on the git remote 'upstream', but the repository has none of that name"
    git("remote", "set-url", "--add", "origin", "https://example.com/second.git", folder=clone)
    error = refusal(GitBackend(clone, REF))
    assert error.exit_code is ExitCode.REFUSED_CONFIGURATION
    assert "more than one URL" in error.message


def test_a_remote_that_cannot_be_reached_is_unusable_state(places: Places) -> None:
    clone = places.clone()
    git("remote", "set-url", "origin", "http://ann:hunter2@127.0.0.1:9/x.git", folder=clone)
    error = refusal(GitBackend(clone, REF))
    assert error.exit_code is ExitCode.STATE_UNUSABLE
    assert "hunter2" not in error.message
    assert "git ls-remote" in str(error.hint)
    git("remote", "set-url", "origin", str(places.root / "gone.git"), folder=clone)
    assert "git remote -v" in str(refusal(GitBackend(clone, REF)).hint)


def test_a_machine_without_git_is_told_to_install_it(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = GitBackend(places.clone(), REF)
    monkeypatch.setenv("PATH", str(places.root))
    error = refusal(backend)
    assert error.exit_code is ExitCode.STATE_UNUSABLE
    assert "cannot run git" in error.message


def test_the_rules_of_a_server_are_passed_on(places: Places) -> None:
    places.hook("update", "echo 'only on weekdays' >&2; exit 1\n")
    backend = GitBackend(places.clone(), REF)
    for write in (
        lambda: backend.swap_lock(b"lock", expected=None),
        lambda: backend.write_state(b"one", expected=None, saved=saved(1)),
    ):
        with pytest.raises(StateError, match=r"cannot write .*: hook declined; .*only on weekdays") as refused:
            write()
        assert type(refused.value) is StateError
        assert "the server's own rules" in str(refused.value.hint)
    assert places.refs() == {}


def test_a_remote_that_only_can_be_read_is_noticed_before_anything_is_written(places: Places) -> None:
    git("config", "http.receivepack", "false", folder=places.remote)
    with served(places) as door:
        git("config", "http.receivepack", "false", folder=places.remote)
        clone = places.clone()
        git("remote", "set-url", "origin", door.url, folder=clone)
        git("config", "http.extraheader", f"Authorization: {door.credential}", folder=clone)
        backend = GitBackend(clone, REF)
        assert backend.read_state() is None
        with pytest.raises(StateError, match="cannot write") as refused:
            backend.require_room(100)
    assert "write access" in str(refused.value.hint)


@pytest.mark.parametrize(
    "ref",
    [
        *(
            "",
            "refs",
            "refs/",
            "refs/state",
            "state",
            "heads/main",
            "refs/heads/main",
            "refs/tags/v1",
            "refs/remotes/a/b",
        ),
        *(
            "refs/pull/1/head",
            "refs/notes/x",
            "/refs/a/b",
            "refs//a",
            "refs/a/",
            "refs/a/.b",
            "refs/a/b.",
            "refs/a/b..c",
        ),
        *("refs/a/b.lock", "refs/a.lock/b", "refs/a/-b", "refs/a/b@lock", "refs/a/b@{1}", "refs/a/b c", "refs/a/b:c"),
        *(
            "refs/a/b*",
            "refs/a/b~1",
            "refs/a/b^",
            "refs/a/b\\c",
            "refs/a/b\n",
            "refs/a/ü",
            "+refs/a/b",
            "refs/a/" + "b" * 300,
        ),
    ],
)
def test_a_ref_that_may_hold_no_state_is_refused_at_once(ref: str) -> None:
    with pytest.raises(ConfigurationError, match="state cannot be kept on the git ref") as refused:
        GitBackend(Path(), ref)
    assert refused.value.hint
    assert "\n" not in refused.value.message


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab0-_.@/{~^:?*[\\ \n", max_size=6), min_size=1, max_size=3).map("/".join))
def test_every_ref_that_is_taken_is_one_to_git_too(rest: str) -> None:
    ref = "refs/reconciler/" + rest
    try:
        require_state_ref(ref)
    except ConfigurationError:
        return
    names = [ref, ref + "@lock", ref + "@journal"]
    for name in names:
        subprocess.run(["git", "check-ref-format", name], check=True, env={"PATH": os.environ["PATH"]})
