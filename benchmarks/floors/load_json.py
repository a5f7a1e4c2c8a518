"""Load a file with the standard library's json, and print the seconds of reading and decoding."""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    started = time.perf_counter()
    document = json.loads(Path(sys.argv[1]).read_bytes())
    print(time.perf_counter() - started)
    assert document["records"]  # noqa: S101 - so that it is a state that was loaded


if __name__ == "__main__":
    main()
