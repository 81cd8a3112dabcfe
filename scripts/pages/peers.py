"""Builds docs/peers.md and its pictures: ``.venv/bin/python scripts/pages/peers.py RUNS``, METR's runs of January 2025.

The same as ``autosim replicate --all --runs RUNS``, written where the docs have it. Same numbers, same files.
"""

import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

from page import DOCS

from autosim.defaults import PEER_DRAWS
from autosim.peers.everybody import everybody
from autosim.peers.page import page
from autosim.plots.peers import draw_everybody


def main(runs: Path) -> None:
    """Run everybody, and write the page."""
    found = everybody(PEER_DRAWS, 0, runs, lambda *_: nullcontext())
    folder = DOCS / "peers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    draw_everybody(found, folder)
    for picture in folder.glob("*.svg"):
        picture.unlink()
    (DOCS / "peers.md").write_text(page(found, folder.name), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
