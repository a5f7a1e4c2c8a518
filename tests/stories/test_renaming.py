"""Renaming: the same sequence under another custom_id, said or not said."""

import pytest

from tests.scenarios.workbench import Repository, email, writes
from tests.stories.story import SERVERS, actions, answering, is_quiet, refusals, sent, text, warned


def applied(repository: Repository, *names: str) -> dict[str, str]:
    """Write and apply manifests, and return their ids."""
    for name in names:
        repository.write(name, name="A name that stays")
    repository.applied()
    return {name: record["id"] for name, record in repository.state["records"].items()}


@pytest.mark.parametrize("server", SERVERS)
def test_a_rename_that_is_said_keeps_the_sequence_and_its_record_follows(embedded: Repository, server: str) -> None:
    embedded.simulator.reset(SERVERS[server])
    id_ = applied(embedded, "hello")["hello"]
    embedded.remove("hello")
    embedded.write("welcome", name="A name that stays", reconciler={"renamed_from": "hello"})
    plan = embedded.plan()
    assert (actions(plan), plan["violations"]) == ({"welcome": "rename"}, [])
    assert [each["path"] for each in plan["changes"][0]["fields"]] == ["/custom_id"]
    assert sent(embedded) == [("PATCH", id_)]
    assert [(each["id"], each["custom_id"]) for each in embedded.simulator.sequences()] == [(id_, "welcome")]
    assert {name: each["id"] for name, each in embedded.state["records"].items()} == {"welcome": id_}
    assert is_quiet(embedded)
    # What said it may go; nothing depends on it any more.
    embedded.write("welcome", name="A name that stays")
    assert is_quiet(embedded)


def test_the_record_alone_moves_by_a_named_command(repository: Repository) -> None:
    id_ = applied(repository, "hello")["hello"]
    repository.simulator.edit(id_, {"/custom_id": "welcome"})  # somebody renamed it in the dashboard
    repository.remove("hello")
    repository.write("welcome", name="A name that stays")
    with repository.watched() as seen:
        assert repository.run("state", "move", "hello", "welcome").code == 0
    assert seen == []
    assert sent(repository, "--refresh", "all") == []
    assert is_quiet(repository)


@pytest.mark.parametrize("server", SERVERS)
def test_a_rename_that_is_not_said_blocks_until_it_is(embedded: Repository, server: str) -> None:
    embedded.simulator.reset(SERVERS[server])
    id_ = applied(embedded, "hello")["hello"]
    embedded.remove("hello")
    embedded.write("welcome", name="A name that stays")
    # One went and one came that says the same: the plan names both, what would come of it, and the ways out.
    plan = embedded.plan()
    assert actions(plan) == {"welcome": "create", "hello": "orphan"}
    message = refusals(plan)["probable-rename"]
    for words in (
        "`hello`",
        "second live sequence",
        "reconciler.renamed_from: hello",
        "reconciler.retire: cancel",
        "--override probable-rename",
    ):
        assert words in message, words
    told = " ".join(plan["changes"][0]["risk_reasons"])
    assert "first time" not in told
    assert "beside `hello`" in told
    with embedded.watched() as seen:
        assert embedded.apply().code == 7
    assert writes(seen) == []
    # The answer stands in the manifest, where a review sees it.
    embedded.write("welcome", name="A name that stays", reconciler={"renamed_from": "hello"})
    assert sent(embedded) == [("PATCH", id_)]
    assert is_quiet(embedded)


def test_that_it_is_really_another_one_is_said_by_an_override_that_is_told_and_recorded(embedded: Repository) -> None:
    applied(embedded, "hello")
    embedded.remove("hello")
    embedded.write("welcome", name="A name that stays")
    meant = ("--override", "probable-rename", "--reason", "a copy for another market")
    plan = embedded.plan(*meant)
    assert plan["violations"] == []
    assert warned(plan) == {"overridden"}
    assert [method for method, _ in sent(embedded, *meant)] == ["POST"]
    assert embedded.state["overrides"][0]["guard"] == "probable-rename"
    # Once it is recorded nothing is probable about it; the other one stays what it is.
    plan = embedded.plan()
    assert (actions(plan), plan["violations"]) == ({"hello": "orphan"}, [])


def test_that_the_old_one_is_to_end_is_said_in_its_own_manifest(embedded: Repository) -> None:
    old = applied(embedded, "hello")["hello"]
    embedded.write("welcome", name="A name that stays")
    embedded.write("hello", name="A name that stays", reconciler={"retire": "cancel"})
    assert actions(embedded.plan()) == {"hello": "update (cancel)", "welcome": "create"}
    assert answering(embedded).code == 0
    assert {each["id"] == old: each["status"] for each in embedded.simulator.sequences()} == {
        True: "canceled",
        False: "active",
    }
    embedded.remove("hello")
    assert is_quiet(embedded)


def test_every_likely_predecessor_is_named_and_what_says_something_else_is_none(embedded: Repository) -> None:
    applied(embedded, "hello-de", "hello-fr")
    embedded.write("birthday", steps=text("Your planter is one year old today"), name="Birthday of a planter")
    embedded.applied()
    for name in ("hello-de", "hello-fr", "birthday"):
        embedded.remove(name)
    embedded.write("welcome", name="A name that stays", steps=[email("Hello", 5)])  # nearly the same
    message = refusals(embedded.plan())["probable-rename"]
    assert "`hello-de`, `hello-fr`" in message
    assert "birthday" not in message


def test_beside_an_orphan_that_has_ended_or_is_gone_a_new_sequence_is_simply_new(embedded: Repository) -> None:
    ids = applied(embedded, "ended", "gone")
    embedded.simulator.cancel(ids["ended"])
    embedded.simulator.delete(ids["gone"])
    for name in ("ended", "gone"):
        embedded.remove(name)
    embedded.write("welcome", name="A name that stays")
    assert "probable-rename" in refusals(embedded.plan())  # as far as is known, both go on
    plan = embedded.plan("--refresh", "all")
    assert plan["violations"] == []
    assert actions(plan) == {"welcome": "create", "ended": "orphan", "gone": "orphan"}
