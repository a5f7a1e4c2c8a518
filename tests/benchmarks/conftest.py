"""The benchmarks lie beside the package and are never installed, so their folder has to be told."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
