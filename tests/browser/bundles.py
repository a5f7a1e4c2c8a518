"""Unpacks npm packages that need none of their dependencies: `python -m tests.browser.bundles LIST FOLDER`.

Each holds one file for browsers with all it needs, so that only itself is fetched, and nothing of it runs here.
"""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.editors.install import NODE, NPM


def main(listed: Path, folder: Path) -> int:
    packages = [line for line in listed.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        NODE,
        NPM,
        "pack",
        "--ignore-scripts",
        "--loglevel=error",
        "--json",
        "--pack-destination",
        folder,
        *packages,
    ]
    packed = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    for each in json.loads(packed.stdout):
        archive = folder / each["filename"]
        with tarfile.open(archive) as opened:
            opened.extractall(folder / each["name"], filter="data")
        archive.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
