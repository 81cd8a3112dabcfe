"""How figures look: one style, readable in grey and by the colour-blind, the same bytes for the same numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib import style
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#5A5A5A"
"""From the palette of Okabe and Ito (2008), chosen to differ in lightness too."""

_SHEET = Path(__file__).with_name("house.mplstyle")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the house's settings, and leave the user's own alone."""
    with style.context(_SHEET):
        yield


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as PNG and SVG, without dates in the files."""
    figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
