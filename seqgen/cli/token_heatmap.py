"""Heat: tokens with their surprise beneath them, coloured where the terminal has colours."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: Nats at which the next colour begins, and the colours from cool to hot: ground and letters.
BOUNDS = (0.5, 1.0, 2.0, 3.0, 5.0)
COLOURS = (
    ("#1f4e8c", "#ffffff"),
    ("#8fbce6", "#000000"),
    ("#e4edf2", "#000000"),
    ("#ffd970", "#000000"),
    ("#f28c3c", "#000000"),
    ("#a01515", "#ffffff"),
)
#: Characters that the figure beneath a long symbol has: "12.3".
_FIGURE = 4


def show_heat(
    console: Console, title: str, tokens: Sequence[str], nats: Sequence[float], close: bool
) -> None:
    """One item: a heading, then rows of tokens with their nats beneath.

    Args:
        console: Where it goes; its width folds the rows.
        title: The item as one line.
        tokens: The symbols, the end token last.
        nats: The surprise of each.
        close: Whether symbols of one character stand side by side, with one digit beneath,
            which is the nats rounded down ("+" from 10 on); otherwise figures have a decimal.
    """
    from rich.text import Text

    total = sum(nats)
    heading = Text(title)
    figures = f"  {total:.1f} nats, {total / len(nats):.3f} a token"
    heading.truncate(max(console.width - len(figures), 8), overflow="ellipsis")
    console.print(heading, figures, sep="", no_wrap=True)
    above, below, width = Text(), Text(), 0
    for token, value in zip(map(visible, tokens), nats, strict=True):
        digit = close and len(token) == 1
        figure = f"{value:.1f}" if not digit else str(int(value)) if value < 10 else "+"
        gap = 0 if digit else 1
        cells = max(cell_width(token), 1 if digit else _FIGURE)
        if width and width + gap + cells > console.width:
            _print(console, above, below)
            above, below, width = Text(), Text(), 0
        gap = gap if width else 0
        above.append(" " * gap).append(_padded(token, cells), _style(value))
        below.append(" " * gap).append(_padded(figure, cells))
        width += gap + cells
    _print(console, above, below)


def show_legend(console: Console, close: bool) -> None:
    """What the figures mean and, where there are colours, which stand for how many nats."""
    from rich.text import Text

    console.print(Text("A token of n nats was e^-n likely: 1 is 37 %, 2 is 14 %, 5 is 0.7 %."))
    if close:
        console.print(Text("Digits are nats rounded down, + is 10 and more."))
    if console.no_color or console.color_system is None:
        return
    line = Text("nats ")
    for low, high in zip((0.0, *BOUNDS), (*BOUNDS, None), strict=True):
        band = f" {low:g} and more " if high is None else f" {low:g} to {high:g} "
        line.append(band, _style(low))
    console.print(line)


def visible(symbol: str) -> str:
    """A symbol as it can stand in a row: what has no sign or no width of its own is escaped."""
    plain = symbol.isprintable() and not any(map(unicodedata.combining, symbol))
    if not plain or not symbol:
        return symbol.encode("unicode_escape").decode() or '""'
    return "␣" if symbol == " " else symbol


def cell_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def _style(value: float) -> str:
    ground, letters = COLOURS[bisect_right(BOUNDS, value)]
    return f"{letters} on {ground}"


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - cell_width(text))


def _print(console: Console, above: Text, below: Text) -> None:
    for line in (above, below):
        line.rstrip()
        console.print(line, no_wrap=True)
