"""What a figure shows as text, and whether words get into each other's way."""

import re
from dataclasses import dataclass
from unittest import mock

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

SLACK = 0.5
"""Pixels by which boxes may touch."""

NUMBER = re.compile(r"[-−]?[\d.]+×?")


@dataclass(frozen=True)
class Word:
    """A piece of text as it is drawn: its corners in pixels, (4, 2), turned as the text is."""

    text: str
    corners: NDArray[np.float64]


def words(figure: Figure) -> list[Word]:
    """Every text that is drawn, in the order of drawing."""
    drawn: dict[int, Text] = {}
    original = Text.draw

    def remember(self: Text, renderer: RendererBase) -> None:
        if self.get_visible() and self.get_text().strip():
            drawn[id(self)] = self
        original(self, renderer)

    with mock.patch.object(Text, "draw", remember):
        figure.draw_without_rendering()
    return [Word(text.get_text(), corners(text)) for text in drawn.values()]


def corners(text: Text) -> NDArray[np.float64]:
    """Corners of a text in pixels; text that is not upright turns about its own anchor."""
    angle = text.get_rotation()
    assert angle == 0.0 or text.get_rotation_mode() == "anchor", text.get_text()
    text.set_rotation(0.0)
    box = text.get_window_extent()
    text.set_rotation(angle)
    upright = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]])
    anchor = text.get_transform().transform(text.get_unitless_position())
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned: NDArray[np.float64] = (upright - anchor) @ np.array([[cos, sin], [-sin, cos]]) + anchor
    return turned


def overlap(one: Word, other: Word) -> bool:
    """Whether two boxes share more than their edges: no side of either has the other wholly beyond it."""
    for box in (one.corners, other.corners):
        for along in (box[1] - box[0], box[2] - box[1]):
            across = along / np.linalg.norm(along)
            first, second = one.corners @ across, other.corners @ across
            if min(first.max(), second.max()) - max(first.min(), second.min()) <= SLACK:
                return False
    return True


def collisions(found: list[Word]) -> list[tuple[str, str]]:
    """Texts that overlap, in pairs."""
    low, high = (np.array([pick(word.corners, axis=0) for word in found]) for pick in (np.min, np.max))
    near = ((low[:, None] < high) & (low < high[:, None])).all(axis=-1)
    pairs = [(found[i], found[j]) for i, j in np.argwhere(np.triu(near, 1))]
    return [(one.text, other.text) for one, other in pairs if overlap(one, other)]


def outside(figure: Figure, found: list[Word]) -> list[str]:
    """Texts that leave the figure."""
    width, height = figure.bbox.size
    return [
        word.text
        for word in found
        if (word.corners < -SLACK).any() or (word.corners > np.array([width, height]) + SLACK).any()
    ]


def without_unit(figure: Figure) -> list[str]:
    """Axes with numbers whose label, or heading, gives no unit in brackets and is not the year."""
    missing = []
    for axes in figure.axes:
        for axis, sharing in ((axes.xaxis, axes.get_shared_x_axes()), (axes.yaxis, axes.get_shared_y_axes())):
            if not _has_numbers(axis):
                continue
            names = [getattr(each, f"get_{axis.axis_name}label")() for each in sharing.get_siblings(axes)]
            names += [axes.get_title(loc="left")]
            if not any("[" in name or name == "year" for name in names):
                missing.append(f"{axes.get_title(loc='left')}: {axis.axis_name}")
    return missing


def _has_numbers(axis: Axis) -> bool:
    labels = [tick.label1 for tick in axis.get_major_ticks()]
    shown = axis.get_visible() and axis.axes.axison and axis.axes.get_visible()
    return bool(shown and any(label.get_visible() and NUMBER.fullmatch(label.get_text()) for label in labels))


def refuse_clutter(figure: Figure) -> None:
    """Fail unless there are words, which keep clear of each other and of the edges, and units on every axis."""
    found = words(figure)
    assert len(found) > 5
    assert not collisions(found)
    assert not outside(figure, found)
    assert not without_unit(figure)
