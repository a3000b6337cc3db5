"""Town names with N syllables: a domain with a flag and its own rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import seqgen

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Options:
    longest: int = seqgen.setting(20, "Maximum number of letters.", min=1, max=100)
    syllables: int | None = seqgen.setting(None, "Number of syllables of a name.", min=1)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)
        least = 2 * (self.syllables or 1) - 1
        if self.longest < least:
            raise seqgen.SettingError(
                f"longest must be >= {least} for {self.syllables} syllables, was {self.longest}",
                "longest",
            )


class Place(NamedTuple):
    heard: int  # syllables so far; consecutive vowels count as one
    vowel: bool  # whether the last letter was a vowel


class Syllables(seqgen.RuleGuide[Place]):
    def __init__(self, vocabulary: seqgen.Vocabulary, options: Options) -> None:
        self._wanted = options.syllables
        super().__init__(vocabulary, max_tokens=options.longest)

    def first(self) -> Place:
        return Place(0, False)

    def after(self, place: Place, symbol: str) -> Iterator[Place]:
        vowel = symbol.lower() in "aeiouy"
        heard = place.heard + (vowel and not place.vowel)
        if self._wanted is None or heard <= self._wanted:
            yield Place(heard, vowel)

    def may_end(self, place: Place) -> bool:
        return place.heard > 0 if self._wanted is None else place.heard == self._wanted


def corpus(source: Path | None, options: seqgen.NoOptions) -> list[str]:
    return seqgen.read_items(source or HERE / "towns.txt")


def guide(encoder: seqgen.CharEncoder, options: Options, condition: None) -> Syllables:
    return Syllables(encoder.vocabulary, options)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="towns-syllables",
        summary="Town names with N syllables",
        corpus=corpus,
        encoder=seqgen.CharEncoder,
        generation_options=Options,
        guide=guide,
    )
