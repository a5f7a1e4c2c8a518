"""Each planted bug still applies to the text as it is; `make planted` runs the tests that should find it."""

import pytest

from tests.planted.bugs import BUGS
from tests.planted.planting import ROOT, Bug, planted


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len(BUGS) >= 40
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_it_applies_once(bug: Bug) -> None:
    assert planted(bug, ROOT) != (ROOT / bug.file).read_text(encoding="utf-8")


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_tests_that_should_find_it_are_there(bug: Bug) -> None:
    assert bug.tests
    assert [each for each in bug.tests if not (ROOT / each).exists()] == []
