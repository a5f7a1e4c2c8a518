"""The page names every metric and every span as they are sent."""

import re
from pathlib import Path

from reconciler.model.metrics import METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "observing.md").read_text(encoding="utf-8")


def test_the_table_of_metrics_is_that_of_the_code() -> None:
    rows = [re.split(r" ?\| ?", line)[1:-1] for line in PAGE.splitlines() if line.startswith("| `reconciler.")]
    assert rows == [
        [f"`{each.name}`", each.kind.value, each.unit, ", ".join(f"`{name}`" for name in each.attributes), each.says]
        for each in METRICS
    ]


def test_the_queries_ask_for_metrics_and_attributes_that_there_are() -> None:
    known = {name.replace(".", "_") for each in METRICS for name in (each.name, *each.attributes)}
    known |= {"reconciler_environment"}
    asked = set(re.findall(r"reconciler_\w+", PAGE))
    assert asked
    for name in asked:
        assert re.sub(r"(_seconds)?(_total|_sum|_bucket|_ratio)?$", "", name) in known, name
