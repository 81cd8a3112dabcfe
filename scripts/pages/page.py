"""What generated pages share: where they are written, and how their numbers stand in tables."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.figure import Figure

from autosim.plots.style import house_style, save

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Page:
    """A page of the docs under way: its text, and its pictures in a folder of its name."""

    def __init__(self, name: str) -> None:
        self.name, self.folder = name, DOCS / name
        self.parts: list[str] = []
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def write(self, *paragraphs: str) -> None:
        """Add paragraphs, or headings, however their lines are broken."""
        whole = {"break_long_words": False, "break_on_hyphens": False}  # links must not be broken
        self.parts += [fill(" ".join(paragraph.split()), 128, **whole) for paragraph in paragraphs]

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table: the first column names the row, the others are numbers but for what something is."""
        marks = ["---", *("---" if head.startswith("what") else "---:" for head in heads[1:])]
        lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(marks) + "|"]
        self.parts.append("\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]))

    def picture(self, figure: Figure, name: str, what: str) -> None:
        """Add a picture, and what it shows for those who do not see it; call within `house_style`."""
        save(figure, self.folder, name)
        (self.folder / f"{name}.svg").unlink()
        self.parts.append(f"![{what}]({self.name}/{name}.png)")

    def close(self) -> None:
        """Write the page."""
        (DOCS / f"{self.name}.md").write_text("\n\n".join(self.parts) + "\n", encoding="utf-8")


__all__ = ["DOCS", "Page", "house_style"]
