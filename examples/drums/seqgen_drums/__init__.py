"""seqgen-drums: drum patterns on a grid, written as MIDI."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import seqgen
from seqgen_drums.pattern import KEYS, MOST_BARS, Pattern, read_patterns

if TYPE_CHECKING:
    from random import Random

SHIPPED = Path(__file__).parent / "patterns.txt"
#: Tempo of each style in quarter notes per minute; 110 for any other.
TEMPOS = {"bossa": 130, "funk": 100, "hip-hop": 90, "house": 124, "latin": 100, "reggae": 140}
TEMPOS |= {"samba": 100, "swing": 160, "waltz": 150}

#: For a few dozen patterns, a few batches per epoch.
PRESETS = {
    "units": 64,
    "embedding": 16,
    "dropout": 0.3,
    "batch_size": 8,
    "epochs": 200,
    "patience": 20,
    "temperature": 0.7,
    "count": 4,
}


@dataclass(frozen=True)
class Options:
    """Constraints on the patterns."""

    style: str | None = seqgen.setting(None, "Style of every pattern; default: any.")
    bars: int | None = seqgen.setting(None, "Bars of every pattern.", min=1, max=MOST_BARS)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@final
class PatternEncoder(seqgen.SymbolEncoder[Pattern]):
    """Style, grid, then one token per step: all drums played together."""

    name = "drums"

    def symbols(self, item: Pattern) -> list[str]:
        return [item.style, item.grid, *item.steps]

    def item(self, symbols: Sequence[str]) -> Pattern:
        style, grid = [*symbols[:2], "", ""][:2]
        return Pattern(style, grid, tuple(symbols[2:]))


def corpus(source: Path | None, options: seqgen.NoOptions) -> seqgen.Corpus[Pattern]:
    """Read the patterns of a text file of grids, by default the shipped ones."""
    patterns = tuple(dict.fromkeys(read_patterns(source or SHIPPED)))
    return seqgen.Corpus(patterns, licence="CC0-1.0" if source is None else "")


def guide(encoder: PatternEncoder, options: Options, condition: None) -> seqgen.AutomatonGuide:
    """A regular expression over the tokens that allows only full bars of the grid."""
    symbols = encoder.vocabulary.symbols
    grids = [symbol for symbol in symbols if "x" in symbol and symbol[0].isdigit()]
    steps = [symbol for symbol in symbols if symbol == "." or symbol[0] in KEYS]
    styles = [symbol for symbol in symbols if symbol not in {*grids, *steps}]
    if options.style is not None and options.style not in styles:
        raise seqgen.SettingError(
            f"style must be one of {', '.join(styles)}, was {options.style!r}", "style"
        )
    literal = seqgen.regex_literal
    wanted = literal([options.style]) if options.style else f"[{literal(styles)}]"
    count = f"{{{options.bars or 1},{options.bars or MOST_BARS}}}"
    of_grid = []
    for grid in grids:
        bar = math.prod(Pattern("", grid, ()).shape)
        of_grid.append(f"{literal([grid])}([{literal(steps)}]{{{bar}}}){count}")
    return seqgen.regex_guide(f"{wanted}({'|'.join(of_grid)})", encoder.vocabulary)


def augment(pattern: Pattern, rng: Random) -> Pattern:
    """The pattern, or the pattern with its two bars swapped."""
    half = len(pattern.steps) // 2
    if half != math.prod(pattern.shape) or rng.random() < 0.5:
        return pattern
    return Pattern(pattern.style, pattern.grid, pattern.steps[half:] + pattern.steps[:half])


def metrics(pattern: Pattern) -> dict[str, float | None]:
    """Density of a pattern, and share of bass strokes on a beat."""
    _, of_beat = pattern.shape
    bass = [place % of_beat == 0 for place, step in enumerate(pattern.steps) if "B" in step]
    struck = sum(len(step) for step in pattern.steps if step != ".")
    return {
        "strokes per step": struck / len(pattern.steps),
        "bass on the beat": sum(bass) / len(bass) if bass else None,
    }


def midi(pattern: Pattern) -> bytes:
    """The pattern once, on the drum channel of a MIDI file."""
    from symusic import Note, Score, Tempo, TimeSignature, Track

    beats, of_beat = pattern.shape
    score, step = Score(480), 480 // of_beat
    score.tempos.append(Tempo(0, TEMPOS.get(pattern.style, 110)))
    score.time_signatures.append(TimeSignature(0, beats, 4))
    drums = Track(pattern.style, 0, True)
    for place, struck in enumerate(pattern.steps):
        for drum in struck.strip("."):
            drums.notes.append(Note(place * step, step // 2, KEYS[drum], 90))
    score.tracks.append(drums)
    written: bytes = score.dumps_midi()
    return written


def write(patterns: Sequence[Pattern], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write a MIDI file for each pattern, and one readable text file of all patterns."""
    pictures = "\n\n".join(pattern.picture() for pattern in patterns)
    paths = [seqgen.write_file(folder / "patterns.txt", pictures + "\n")]
    for number, pattern in enumerate(patterns, start=1):
        path = folder / f"{number:03}-{pattern.style}.mid"
        paths.append(seqgen.write_file(path, midi(pattern)))
    return paths


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="drums",
        summary="Drum patterns on a grid",
        corpus=corpus,
        encoder=PatternEncoder,
        generation_options=Options,
        guide=guide,
        augment=augment,
        text=Pattern.text,
        render=lambda pattern: {"text/plain": pattern.picture},
        write=write,
        evaluation=seqgen.Evaluation(metrics=metrics),
        presets=PRESETS,
        suffixes=(".txt",),
    )
