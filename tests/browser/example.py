"""The example sequences after a week of work: copy, timing and audience edited, a step inserted, a name that somebody
changed in the dashboard, a manifest that is gone and one that is new. One plan with a bit of everything, for pictures,
that can be applied.
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
}
GONE: Final = "lifecycle/spring-sale.yaml"
NEW: Final = "support/back-in-stock.yaml"
NEW_TEXT: Final = """\
custom_id: back-in-stock
name: Back in stock
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: {$var: segment_newsletter}
        - type: contacts_affected_by_sequence
          sequence_id: {$sequence: win-back}
steps:
  - action:
      type: send_sms_messages
      data:
        message: "Fernleaf: the olive tree you asked about is back at https://example.com/olive. Reply STOP to end."
    delay_in_minutes: 0
  - action:
      type: send_emails
      data:
        from_email: shop@example.com
        email_subject: "The olive tree is back: yours until Friday"
        email_body: |
          <p style="display: none">We keep one for you until Friday.</p>
          <p>The olive tree that you asked about is back. We keep one for you until Friday.</p>
          <p><a href="https://example.com/unsubscribe">Unsubscribe</a></p>
        email_sender_name: Fernleaf Shop
        email_is_transactional: false
    delay_in_minutes: 2880
"""
# What fits into a terminal.
FEW: Final[Mapping[str, Edits]] = {
    "onboarding/welcome.yaml": [
        ("Welcome to Fernleaf", "Welcome to Fernleaf - your first plant is waiting"),
        ("minutes: 1440", "minutes: 2880"),
    ],
}


def example_plan(folder: Path, *, format_: str, edits: Mapping[str, Edits] = EDITS, color: str = "never") -> str:
    """Return the plan, drawn; the folder, which is empty or not there yet, is filled with a repository."""
    shutil.copytree(ROOT / "sequences", folder / "sequences")
    shutil.copyfile(ROOT / "reconciler.toml", folder / "reconciler.toml")
    told("-C", str(folder), "apply", "--yes")
    for file, replacements in edits.items():
        path = folder / "sequences" / file
        text = path.read_text(encoding="utf-8")
        for before, after in replacements:
            assert text.count(before) >= 1, before
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
    if edits is EDITS:
        (folder / "sequences" / GONE).unlink()
    (folder / "sequences" / NEW).write_text(NEW_TEXT, encoding="utf-8")
    told("-C", str(folder), "sandbox", "edit", "plant-birthday", "--set", "name=Birthday test")
    return told("-C", str(folder), "plan", "--refresh", "all", "--format", format_, color=color)


def told(*arguments: str, color: str = "never") -> str:
    """Run a command and return its stdout."""
    with redirect_stdout(StringIO()) as out:
        code = run(["--color", color, *arguments])
    assert code == 0, (arguments, out.getvalue())
    return out.getvalue()
