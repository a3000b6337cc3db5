"""JazzData: what may be said about the reading of music."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import seqgen


@final
@dataclass(frozen=True)
class JazzData:
    """How to read data.

    Raises:
        SettingError: A value is of the wrong type.
    """

    recipe: str = seqgen.setting(
        "", "A file of seqgen inspect --recipe: which files, tracks, bars and chords to use."
    )
    where: str = seqgen.setting(
        "", "Which solos of a Weimar Jazz Database to use: \"performer='Charlie Parker'\"."
    )

    def __post_init__(self) -> None:
        seqgen.check_settings(self)
