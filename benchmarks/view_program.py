"""`ROOT`: plan the repository offline, draw the plan in each format, and print the seconds of each as JSON.

In one process, since a view alone is what is measured: "plan" is reading manifests and state and deciding. `characters`
are those of each drawing, so that a view that draws nothing is seen.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from reconciler.cli.planning import asked_for
from reconciler.core.codec.plan import to_document
from reconciler.view.documents import json_text
from reconciler.view.html.plan import plan_html
from reconciler.view.markdown.plan import plan_markdown
from reconciler.view.plan_text import Drawing, plan_text
from reconciler.view.terminal import Paint
from reconciler.view.words import Pace
from reconciler.wiring.planning import gather, request_for
from reconciler.wiring.workspace import open_workspace


def main(root: Path) -> None:
    """Print one document with the seconds and the characters of each format."""
    started = time.perf_counter()
    workspace = open_workspace(root, None)
    plan = gather(workspace).plan(request_for(workspace, asked_for("none", (), (), (), adopt=False)), None)
    seconds = {"plan": time.perf_counter() - started}
    document = to_document(plan)
    digest, pace = str(document["digest"]), Pace(100, 60, 1)
    views: dict[str, Callable[[], str]] = {
        "text": lambda: plan_text(plan, digest, Drawing(paint=Paint(enabled=True))),
        "json": lambda: json_text(to_document(plan)),
        "markdown": lambda: plan_markdown(plan, digest, pace),
        "html": lambda: plan_html(plan, digest, pace),
    }
    characters = {}
    for name, view in views.items():
        started = time.perf_counter()
        characters[name] = len(view())
        seconds[name] = time.perf_counter() - started
    print(json.dumps({"changes": len(plan.changes), "seconds": seconds, "characters": characters}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
