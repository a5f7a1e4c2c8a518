"""`reconciler demo`: the main job on a copy of the examples, with the very commands that anyone would type."""

import shlex
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from reconciler.adapters.schemas.bundled import config_file, sequences_folder
from reconciler.cli.main import run
from reconciler.cli.session import Session, emit, pass_session
from reconciler.errors import ExitCode, UsageError
from reconciler.model.settings import CONFIG_FILE

EDITED: Final = "onboarding/welcome.yaml"
DRIFTED: Final = "plant-birthday"


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of the story: what is about to happen, an edit if any, and the command to type."""

    told: str
    command: str = ""
    edit: Callable[[Path], str] | None = None


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Leave the copy in this new folder.")
@pass_session
def command(session: Session, *, keep: Path | None) -> ExitCode:
    """Play the main job on a copy of the example sequences and on a sandbox of its own.

    Nothing of yours is touched, and nothing leaves this machine.
    """
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reconciler-demo-")))
        if keep is not None and keep.exists():
            raise UsageError(f"{keep} exists already", hint="name a folder that does not exist yet")
        shutil.copytree(sequences_folder(), folder / "sequences", dirs_exist_ok=True)
        shutil.copyfile(config_file(), folder / CONFIG_FILE)
        for number, scene in enumerate(SCENES, start=1):
            code = _play(session, folder, scene, number)
            if code is not ExitCode.DONE:
                return code
    paint = session.paint()
    emit(paint("\nThat is all of it: ", "bold") + "validate, plan, review, apply exactly that plan, and see drift.\n")
    emit(f"The copy is in {keep}.\n" if keep else "The copy is gone again; `demo --keep DIR` leaves it for you.\n")
    return ExitCode.DONE


def _play(session: Session, folder: Path, scene: Scene, number: int) -> ExitCode:
    paint = session.paint()
    emit(f"\n{paint(f'{number}. {scene.told}', 'bold')}\n")
    if scene.edit is not None:
        emit(f"\n{scene.edit(folder)}\n")
    if not scene.command:
        return ExitCode.DONE
    emit(f"\n{paint(f'$ reconciler {scene.command}', 'cyan')}\n\n")
    options = ["-C", str(folder), "--color", "always" if paint.enabled else "never", "-q"]
    arguments = [str(folder / word) if word == "plan.json" else word for word in shlex.split(scene.command)]
    return ExitCode(run([*options, *arguments]))


def _edit_subject(folder: Path) -> str:
    path = folder / "sequences" / EDITED
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    position = next(number for number, line in enumerate(lines) if "email_subject:" in line)
    before = lines[position]
    after = before.partition(":")[0] + ": You are in - here is your first step\n"
    path.write_text("".join([*lines[:position], after, *lines[position + 1 :]]), encoding="utf-8")
    return f"sequences/{EDITED}\n  - {before.strip()}\n  + {after.strip()}"


SCENES: Final = (
    Scene("The example sequences are checked: e-mails, SMS, WhatsApp messages and calls, kept as YAML.", "validate"),
    Scene("Nothing is recorded yet, so the plan is to create them all. Planning never writes.", "plan"),
    Scene("Applying makes the plan anew, carries it out, and reads every sequence back.", "apply --yes"),
    Scene("Asked again, there is nothing to do: what is recorded is what the manifests ask for.", "plan"),
    Scene(
        "Someone edits a subject line. The plan shows that line, and is saved for review.",
        "plan --out plan.json",
        _edit_subject,
    ),
    Scene("Exactly the reviewed plan is applied; anything else would be refused.", "apply plan.json --yes"),
    Scene(
        "Meanwhile, somebody changes a name in the dashboard, behind the tool's back.",
        f"sandbox edit {DRIFTED} --set name=Oops",
    ),
    Scene("A plan that reads all that is live shows the drift.", "plan --refresh all"),
    Scene("Applying that puts back what the manifest says.", "apply --refresh all --yes"),
    Scene("And all three are of one mind again: manifests, record and live.", "plan --refresh all"),
)
