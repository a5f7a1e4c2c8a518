"""The example sequences after a week of work: copy, timing and audience edited, a step inserted, a name that somebody
changed in the dashboard, a sequence that is gone and one that is new. One plan with a bit of everything, for pictures.
"""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Final

from reconciler.cli.main import run

ROOT: Final = Path(__file__).parents[2]
Edits = Sequence[tuple[str, str]]
INSERTED: Final = """\
  - action:
      type: send_sms_messages
      data:
        message: "Fernleaf: your plants are waiting. 20 % off a new pot until Sunday. Reply STOP to end."
    delay_in_minutes: 720
"""
EDITS: Final[Mapping[str, Edits]] = {
    "onboarding/welcome.yaml": [
        ("Welcome to Fernleaf", "You are in - here is your first step"),
        ("minutes: 1440", "minutes: 2880"),
        ("Add your first plant at", "Add your very first plant at"),
    ],
    "onboarding/bodies/welcome.html": [
        ("less than a minute, and a photo is enough", "two minutes, and one photo is enough"),
        ("Good to have you here.", "So good to have you here."),
    ],
    "lifecycle/win-back.yaml": [
        ("  - action:\n      type: send_whatsapp", INSERTED + "  - action:\n      type: send_whatsapp"),
        ("fallback: your plants", "fallback: your green friends"),
    ],
    "support/recall.yaml": [("            - grace@example.org\n", "            - joan@example.org\n")],
    "lifecycle/spring-sale.yaml": [
        ("2026-03-01T00", "2026-04-01T00"),
        ("custom_id: spring-sale-2026", "custom_id: spring-sale"),
    ],
}


def example_plan(folder: Path, *, format_: str, environment: str = "sandbox") -> str:
    """Return the plan, drawn; the folder is filled with a repository."""
    shutil.copytree(ROOT / "sequences", folder / "sequences")
    shutil.copyfile(ROOT / "reconciler.toml", folder / "reconciler.toml")
    told("-C", str(folder), "--env", environment, "apply", "--yes")
    for file, edits in EDITS.items():
        path = folder / "sequences" / file
        text = path.read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) >= 1, before
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
    told("-C", str(folder), "sandbox", "edit", "plant-birthday", "--set", "name=Oops, wrong window")
    return told("-C", str(folder), "plan", "--refresh", "all", "--format", format_)


def told(*arguments: str) -> str:
    """Run a command and return its stdout."""
    with redirect_stdout(StringIO()) as out:
        code = run(["--color", "never", *arguments])
    assert code in (0, 7), (arguments, out.getvalue())
    return out.getvalue()
