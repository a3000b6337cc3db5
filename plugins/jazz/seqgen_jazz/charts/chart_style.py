"""The style that a chart asks for, in its own words or by its meter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart

#: What has even eighths, which no swinging style comes near.
_EVEN: Final = (
    *("bossa", "samba", "latin", "afro", "calypso", "even", "straight", "ecm", "choro", "baiao"),
    *("salsa", "bolero", "rumba", "rhumba", "mambo", "cha cha", "cha-cha", "beguine", "merengue"),
    *("tango", "rock", "funk", "reggae"),
)
#: Words in the style of a chart -> what the band makes of them.
_STYLE_WORDS: Final = {
    _EVEN: "bossa",
    ("ballad",): "ballad",
    ("waltz",): "waltz",
    ("blues", "shuffle"): "blues",
}


def style_for(chart: Chart) -> str:
    """The shipped style nearest to the words of a chart ("Bossa Nova", "Slow Blues"); without
    words a waltz for charts whose first full bar is in three, else swing."""
    for words, style in _STYLE_WORDS.items():
        if any(word in chart.style.lower() for word in words):
            return style
    return "waltz" if chart.bars[chart.pickup].meter in ((3, 4), (6, 4)) else "swing"
