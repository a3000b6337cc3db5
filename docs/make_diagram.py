"""Draws docs/pictures/weight-sharing.svg: the same three layers at every step."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent / "pictures" / "weight-sharing.svg"
STEPS = ("t = 1", "t = 2", "t = 3")
WIDTH, HEIGHT, LEFT = 720, 330, 130
LAYERS = (
    ("read the token", 210, "#cfe3f7"),
    ("recurrent cell", 140, "#fbe0b5"),
    ("readout", 70, "#d5eecf"),
)


def text(x: float, y: float, label: str, attributes: str = "") -> str:
    """A centered label."""
    return f'<text x="{x}" y="{y}" text-anchor="middle" {attributes}>{label}</text>'


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """An arrow to the second point."""
    line = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line {line} stroke="#444" stroke-width="1.6" marker-end="url(#head)"/>'


def column(step: int) -> list[str]:
    """One step: three layers, the token below, the prediction above, the state to the right."""
    x = LEFT + 190 * step
    parts = [
        text(x + 65, 320, f"token {step}" if step else "start"),
        arrow(x + 65, 303, x + 65, 254),
    ]
    for name, y, colour in LAYERS:
        parts.append(
            f'<rect x="{x}" y="{y}" width="130" height="40" rx="6" fill="{colour}" stroke="#444"/>'
        )
        parts.append(text(x + 65, y + 25, name))
    parts += [arrow(x + 65, 210, x + 65, 184), arrow(x + 65, 140, x + 65, 114)]
    parts += [arrow(x + 65, 70, x + 65, 48), text(x + 65, 40, f"token {step + 1}?")]
    parts.append(text(x + 65, 18, STEPS[step], 'fill="#777"'))
    parts += [arrow(x - 58, 160, x - 4, 160), text(x - 32, 152, "state", 'font-size="12"')]
    return parts


def picture() -> str:
    """The picture as SVG."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="14" fill="#222">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>'
    )
    end = LEFT + 190 * len(STEPS)
    steps = [part for step in range(len(STEPS)) for part in column(step)]
    zeros, last = text(42, 164, "zeros"), arrow(end - 58, 160, end - 4, 160)
    return "\n".join([head, zeros, *steps, last, "</svg>\n"])


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
