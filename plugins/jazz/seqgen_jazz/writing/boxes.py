"""Boxes: many rectangles of a picture as one collection, for drawing each alone is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Left, bottom, width, height, colour.
Box = tuple[float, float, float, float, Any]


def draw_boxes(axes: Any, boxes: Sequence[Box], zorder: float) -> None:
    """Draw rectangles; a colour is anything that matplotlib takes, alpha included."""
    from matplotlib.collections import PolyCollection

    corners = [
        [(left, low), (left, low + height), (left + width, low + height), (left + width, low)]
        for left, low, width, height, _ in boxes
    ]
    colours = [colour for *_, colour in boxes]
    drawn = PolyCollection(corners, facecolors=colours, linewidths=0, zorder=zorder)
    axes.add_collection(drawn, autolim=False)


def draw_lines(
    axes: Any, places: Sequence[float], colour: str, width: float, zorder: float
) -> None:
    """Draw upright lines over the whole height of an axes, whose limits are set."""
    low, high = axes.get_ylim()
    axes.vlines(places, low, high, colors=colour, linewidth=width, zorder=zorder)
