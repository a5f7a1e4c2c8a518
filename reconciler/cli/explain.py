"""`reconciler explain`."""

from pathlib import Path

import click

from reconciler.cli.session import Session, emit, pass_session, say, width
from reconciler.core.rulebook.catalogue import RULES, SECTIONS, find_rule
from reconciler.core.spelling import nearest
from reconciler.errors import ConfigurationError, ExitCode, UsageError
from reconciler.view.rules_text import rule_text, rules_page, rules_text


@click.command("explain")
@click.argument("word", metavar="[RULE]", required=False)
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the reference page of all rules.")
@click.option("--check", is_flag=True, help="With --page: write nothing; fail when the page is stale.")
@pass_session
def command(session: Session, word: str | None, page: Path | None, *, check: bool) -> ExitCode:
    """Say why a rule is there, with an example of what breaks it and of what does not.

    RULE is an id, such as OCX101, or a name, such as unknown-key. Without one, all rules are listed.
    """
    if page is not None:
        _write(session.root / page, check=check)
    elif check:
        raise click.UsageError("--check goes with --page")
    elif word is None:
        emit(rules_text(SECTIONS, session.paint()))
    else:
        rule = find_rule(word)
        if rule is None:
            raise UsageError(f"there is no rule `{word}`", hint=_hint(word))
        emit(rule_text(rule, session.paint(), width=width()))
    return ExitCode.DONE


def _hint(word: str) -> str:
    if word.lower().startswith("ocx") and word[3:].isdecimal():
        padded = f"OCX{word[3:].lstrip('0').zfill(3)}"
        return f"did you mean `{padded}`?" if padded in RULES else "`reconciler explain` lists all rules"
    meant = nearest(word, [*RULES, *(rule.name for rule in RULES.values())])
    return f"did you mean `{meant}`?" if meant else "`reconciler explain` lists all rules"


def _write(page: Path, *, check: bool) -> None:
    text = rules_page(SECTIONS).encode()
    is_fresh = page.is_file() and page.read_bytes() == text
    if check and not is_fresh:
        raise ConfigurationError(
            f"{page.name} is stale, since the rules have changed",
            hint="run `reconciler explain --page docs/rules.md` and commit what it writes",
        )
    if not is_fresh:
        page.write_bytes(text)
    say("the page of the rules is up to date" if is_fresh else f"written: {page}")
