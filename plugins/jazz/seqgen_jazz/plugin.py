"""The jazz domain: solos over a chord chart. Imports nothing heavy; each function does its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.encoder import JazzEncoder
from seqgen_jazz.guide import jazz_guide
from seqgen_jazz.prompt import JazzPrompt, condition
from seqgen_jazz.text import solo_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from seqgen_jazz.solo import Solo

#: For a few dozen to a few hundred solos; small batches, as there are few windows an epoch.
PRESETS = {
    "units": 192,
    "embedding": 48,
    "dropout": 0.4,
    "batch_size": 8,
    "epochs": 50,
    "patience": 10,
    "count": 4,
    # Chosen by the score card: alone the network forgets its figures (self-repetition 0.07,
    # real solos 0.24) and leaps too seldom; see docs/benchmarks/jazz-solos.md of seqgen.
    "recall": 0.3,
    "recall_after": 3,
    "temperature_groups": "pitch:1.06",
}
#: Trained on the embedded corpus; ``make models`` in the repository makes it anew.
MODEL = Path(__file__).parent / "data" / "model.safetensors"


def corpus(source: Path | None) -> seqgen.Corpus[Solo]:
    """The solos of a file or folder, or those that the plugin ships."""
    from seqgen_jazz.corpus import load_corpus

    return load_corpus(source)


def augment(solo: Solo, rng: Random) -> Solo:
    """The solo in a key drawn from all twelve, or from those that keep it within reach.

    The move is from 6 semitones down to 5 up, so each key comes once and near.
    """
    from seqgen_jazz.instruments import ANY

    pitches = [note.pitch for note in solo.notes] or [ANY.low + 6]
    lowest, highest = ANY.low - min(pitches), ANY.high - max(pitches)
    return solo.transpose(rng.randint(max(-6, lowest), min(5, highest)))


def preview(solo: Solo) -> str:
    """A piano roll for the terminal."""
    from seqgen_jazz.writing.roll import roll

    return roll(solo)


def describe(solo: Solo) -> dict[str, float | None]:
    """The figures of a solo; nothing where it has fewer than two notes."""
    from seqgen_jazz.judging import figures

    return figures.describe(solo) if len(solo.notes) > 1 else {}


def score_card(solos: Sequence[Solo]) -> seqgen.ScoreCard:
    """Every figure of the solos beside those of real ones."""
    from seqgen_jazz.judging import card

    return card.score_card(solos)


def passages(solo: Solo) -> Sequence[seqgen.Passages]:
    """The intervals of a solo, alone and with their times."""
    from seqgen_jazz.judging import copying

    return copying.passages(solo)


def write(items: Sequence[Solo], folder: Path) -> list[Path]:
    """A MIDI file and a MusicXML lead sheet for each solo."""
    from seqgen_jazz.writing.files import write_solos

    return write_solos(items, folder)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="jazz",
        summary="Jazz solos over a chord chart",
        corpus=corpus,
        encoder=JazzEncoder,
        prompt_options=JazzPrompt,
        condition=condition,
        guide=jazz_guide,
        augment=augment,
        text=solo_text,
        preview=preview,
        write=write,
        describe=describe,
        score_card=score_card,
        passages=passages,
        presets=PRESETS,
        suffixes=(".mid", ".midi", ".xml", ".musicxml", ".mxl", ".abc"),
        model=MODEL,
    )


__all__ = ["seqgen_domain"]
