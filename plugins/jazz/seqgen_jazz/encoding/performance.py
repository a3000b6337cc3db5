"""Playing: how a solo is performed and what is written of it, beside the notes themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Playing:
    """How a solo is performed.

    Args:
        style: The name of a shipped style, or the TOML text of another.
        swing: "auto" for a ratio by tempo, "0" for even eighths, or long:short as a number.
        band: Whether comping, bass and drums play along.
        seed: Of the band's choices and of the small differences in time and loudness.
        form: The bars of one chorus, without a pickup.
        wav: Whether it is also written as sound.
        picture: Whether a piano roll is drawn.
        lyrics: Whether the degree and class of each note stand below it in the notation.
        bass_part: Whether the notation has the bass as well.
        told: What the terminal says of how it came about, a line each.
    """

    style: str = "swing"
    swing: str = "auto"
    band: bool = True
    seed: int = 0
    form: int = 0
    wav: bool = False
    picture: bool = False
    lyrics: bool = False
    bass_part: bool = False
    told: tuple[str, ...] = ()
