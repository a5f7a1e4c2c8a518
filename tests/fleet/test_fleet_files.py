"""Many organisations at a time need more open files than a process is given by default."""

import subprocess
import sys

import pytest

LOOK = """
import resource
from reconciler.wiring.files import allow_many_files
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
hard = 5000 if hard == resource.RLIM_INFINITY else min(hard, 5000)
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, hard))
allow_many_files()
soft, still = resource.getrlimit(resource.RLIMIT_NOFILE)
print(still == hard, soft - hard)
"""


@pytest.mark.parametrize("soft", ["256", "hard"])
def test_as_many_as_the_system_lets_it_take(soft: str) -> None:
    told = subprocess.run([sys.executable, "-c", LOOK.format(soft=soft)], capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("True 0\n", "")
