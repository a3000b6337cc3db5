"""HTML as text: escaping, tables, and the numbers in them."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from seqgen.evaluation.bootstrap import Estimate


def escape(value: object) -> str:
    """Any value as text that means nothing to a browser."""
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in str(value))
    return html.escape(shown, quote=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """A table; the first column is text, the others are figures. Everything is escaped.

    Args:
        head: Names of the columns.
        rows: The cells.
        kind: A class for the style sheet.
    """
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="wide"><table class="{escape(kind)}"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; the text is escaped."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def percent(figure: Estimate) -> str:
    """A share with its interval, where there is one."""
    if math.isnan(figure.value):
        return "–"
    if math.isnan(figure.low):
        return f"{100 * figure.value:.1f} %"
    return f"{100 * figure.value:.1f} % [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def number(figure: Estimate, digits: int = 2) -> str:
    """A figure with its interval, where there is one."""
    if math.isnan(figure.value):
        return "–"
    if math.isnan(figure.low):
        return f"{figure.value:.{digits}f}"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def plain_number(value: float | None) -> str:
    """A number with three digits; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
