"""A small domain with every feature: rhythms in a metre. Broken domains are variants of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Self

import seqgen

#: A metre and beats: x is a stroke, o an open stroke, a dot a rest.
RHYTHMS = """\
2 x.x.
2 xox.xo
2 x.
2 xx..x.x.
3 x..
3 xo.xo.
3 x.ox..
3 xoo
3 x..x..xo.
4 x.o.
4 xxo.x.o.
4 x...o...
4 xoxo
4 o.x.x.oo
"""
METRES = (2, 3, 4)


@dataclass(frozen=True)
class Rhythm:
    """Beats that fill bars of the metre."""

    metre: int
    beats: tuple[str, ...]


@dataclass(frozen=True)
class DataOptions:
    """How rhythms are read."""

    metre: int = seqgen.setting(0, "Only rhythms of this metre; 0 for all.", min=0, max=4)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@dataclass(frozen=True)
class GenerationOptions:
    """Constraints on the rhythms."""

    metre: int = seqgen.setting(4, "Beats of a bar.", min=2, max=4)
    bars: int = seqgen.setting(8, "Maximum number of bars.", min=1, max=8)
    first: str = seqgen.setting("", "The first beat.")

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@dataclass(frozen=True)
class EncodingOptions:
    """How beats become symbols."""

    capitals: bool = seqgen.setting(False, "Write beats as capital letters.")


def corpus(source: Path | None, options: DataOptions) -> seqgen.Corpus[Rhythm]:
    """Read rhythms, one per line: the metre, a space, the beats."""
    lines = seqgen.read_items(source) if source else RHYTHMS.splitlines()
    rhythms = [_rhythm(line) for line in lines]
    items = [each for each in rhythms if options.metre in (0, each.metre)]
    return seqgen.Corpus(tuple(items), groups=tuple("".join(each.beats) for each in items))


def _rhythm(line: str) -> Rhythm:
    metre, _, beats = line.partition(" ")
    if metre not in map(str, METRES) or not beats or len(beats) % int(metre):
        raise seqgen.DataError(f"{line[:40]!r} is no rhythm; write a metre and full bars: 3 x..xo.")
    return Rhythm(int(metre), tuple(beats))


class RhythmEncoder(seqgen.Encoder[Rhythm]):
    """One token for each beat; the metre is the condition, the place in the bar the context."""

    context_sizes = (max(METRES),)

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        return {"all": range(self.vocabulary.end)}

    def fit(self, items: Iterable[Rhythm]) -> Self:
        return type(self)(self.options, seqgen.Vocabulary.learn(map(self._written, items)))

    def _written(self, item: Rhythm) -> list[str]:
        return [beat.upper() if self.options.capitals else beat for beat in item.beats]

    def encode(self, item: Rhythm) -> seqgen.Encoded:
        import numpy as np

        tokens = [self.vocabulary.id(beat) for beat in self._written(item)]
        places = [[place % item.metre] for place in range(len(tokens) + 1)]
        return seqgen.Encoded(
            np.array(tokens, np.int32), np.array(places, np.int32), condition=item.metre
        )

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Rhythm:
        beats = [self.vocabulary.symbols[token].lower() for token in tokens]
        beats += ["."] * (-len(beats) % condition)
        return Rhythm(condition, tuple(beats))

    def to_json(self) -> dict[str, Any]:
        return {"beats": list(self.vocabulary.symbols), "capitals": self.options.capitals}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(EncodingOptions(saved["capitals"]), seqgen.Vocabulary(tuple(saved["beats"])))


class RhythmGuide(seqgen.RowGuide[int]):
    """Full bars up to a maximum; the state is the number of beats."""

    def __init__(self, size: int, metre: int, bars: int, first: int | None) -> None:
        self._size, self._metre, self._first = size, metre, first
        self.max_tokens = metre * bars

    def row_start(self) -> int:
        return 0

    def row_allowed(self, state: int) -> Any:
        import numpy as np

        mask = np.full(self._size, state < self.max_tokens)
        mask[-1] = state > 0 and state % self._metre == 0
        if state == 0 and self._first is not None:
            mask[:] = False
            mask[self._first] = True
        return mask

    def row_advance(self, state: int, token: int) -> int:
        return state + 1

    def row_context(self, state: int) -> list[int]:
        return [state % self._metre]


def resolve(options: GenerationOptions) -> GenerationOptions:
    """Remove spaces around the first beat."""
    return replace(options, first=options.first.strip())


def guide(encoder: RhythmEncoder, options: GenerationOptions, condition: int) -> RhythmGuide:
    """Return the guide of one metre."""
    first = encoder.vocabulary.id(options.first) if options.first else None
    return RhythmGuide(encoder.vocabulary.size, condition, options.bars, first)


def augment(item: Rhythm, rng: Random) -> Rhythm:
    """Rotate the bars of a rhythm."""
    at = item.metre * rng.randrange(len(item.beats) // item.metre)
    return replace(item, beats=item.beats[at:] + item.beats[:at])


def text(item: Rhythm) -> str:
    """Return the metre and the beats."""
    return f"{item.metre} {''.join(item.beats)}"


def preview(item: Rhythm) -> str:
    """Return one bar per line."""
    return "\n".join(
        "".join(item.beats[at : at + item.metre]) for at in range(0, len(item.beats), item.metre)
    )


def metrics(item: Rhythm) -> dict[str, float | None]:
    """Return the share of beats that are played."""
    played = sum(beat != "." for beat in item.beats)
    return {"played": played / len(item.beats) if item.beats else None}


def rank(items: Sequence[Rhythm]) -> list[int]:
    """Rank short rhythms first."""
    return sorted(range(len(items)), key=lambda place: len(items[place].beats))


def write(items: Sequence[Rhythm], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write a file for each rhythm, with its receipt."""
    return [
        seqgen.write_file(folder / f"rhythm-{number}.txt", f"{text(item)}\n{receipt}\n")
        for number, (item, receipt) in enumerate(zip(items, receipts, strict=True), start=1)
    ]


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="rhythms",
        summary="Rhythms over a metre",
        corpus=corpus,
        encoder=RhythmEncoder,
        data_options=DataOptions,
        encoding_options=EncodingOptions,
        generation_options=GenerationOptions,
        resolve=resolve,
        condition=lambda options: options.metre,
        guide=guide,
        augment=augment,
        text=text,
        render=lambda item: {"text/plain": lambda: preview(item)},
        write=write,
        keeps_receipts=True,
        evaluation=seqgen.Evaluation(rank=rank, metrics=metrics),
        presets={"units": 16},
        suffixes=(".txt",),
    )
