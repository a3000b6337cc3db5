"""The jazz domain: solos over a chord chart. Imports nothing heavy; each function does its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.encoding.encoder import JazzEncoder, Writing
from seqgen_jazz.encoding.guide import jazz_guide
from seqgen_jazz.encoding.solo_text import solo_text
from seqgen_jazz.options import JazzData, JazzPrompt
from seqgen_jazz.prompting.resolve import condition, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from seqgen_jazz.encoding.solo import Solo

#: Nothing said about how to read data.
DATA_AS_IT_IS = JazzData()
#: For a few dozen to a few hundred solos; small batches, as there are few windows an epoch.
PRESETS = {
    "units": 192,
    "embedding": 48,
    "dropout": 0.4,
    # As they were chosen, whatever the size of the corpus.
    "weight_drop": 0.0,
    "ema": 0.0,
    "batch_size": 8,
    "epochs": 50,
    "patience": 10,
    "count": 4,
    # Chosen by the score card: alone the network forgets its figures (self-repetition 0.07,
    # real solos 0.24) and leaps too seldom; see docs/benchmarks/jazz-solos.md of seqgen.
    "recall": 0.4,
    "recall_after": 3,
    "temperature_groups": "pitch:1.06",
}
#: Trained on the embedded corpus; ``make models`` in the repository makes it anew.
MODEL = Path(__file__).parent / "data" / "model.safetensors"


def corpus(source: Path | None, options: JazzData = DATA_AS_IT_IS) -> seqgen.Corpus[Solo]:
    """The solos of a file, folder or database, or those that the plugin ships."""
    from seqgen_jazz.corpus.corpus import load_corpus

    return load_corpus(source, options)


def augment(solo: Solo, rng: Random) -> Solo:
    """The solo in a key drawn from all twelve, or from those that keep it within reach.

    The move is from 6 semitones down to 5 up, so each key comes once and near.
    """
    from seqgen_jazz.encoding.instruments import ANY

    pitches = [note.pitch for note in solo.notes] or [ANY.low + 6]
    lowest, highest = ANY.low - min(pitches), ANY.high - max(pitches)
    return solo.transpose(rng.randint(max(-6, lowest), min(5, highest)))


def render(solo: Solo) -> dict[str, Callable[[], str]]:
    """A heading and a piano roll as text."""

    def plain_text() -> str:
        from seqgen_jazz.output.text_roll import heading, roll

        return "\n".join([*heading(solo), roll(solo)])

    return {"text/plain": plain_text}


def metrics(solo: Solo) -> dict[str, float | None]:
    """The figures of a solo; nothing where it has fewer than two notes."""
    from seqgen_jazz.evaluation.metrics import describe

    return describe(solo) if len(solo.notes) > 1 else {}


def score_card(solos: Sequence[Solo]) -> seqgen.ScoreCard:
    """Every figure of the solos beside those of real ones."""
    from seqgen_jazz.evaluation import score_card as card

    return card.score_card(solos)


def passages(solo: Solo) -> Sequence[seqgen.Passages]:
    """The intervals of a solo, alone and with their times."""
    from seqgen_jazz.evaluation import copying

    return copying.passages(solo)


def inspect(path: Path) -> seqgen.Inspection:
    """What is in music files: tracks and their roles, bars, chords, and a recipe to edit."""
    from seqgen_jazz.corpus.inspect import inspect_music

    return inspect_music(path)


def write(items: Sequence[Solo], folder: Path, receipts: Sequence[str] = ()) -> list[Path]:
    """A MIDI file and a MusicXML lead sheet for each solo, and what else it asks for."""
    from seqgen_jazz.output.write_files import write_solos

    return write_solos(items, folder, receipts)


def rank(items: Sequence[Solo]) -> list[int]:
    """The places of the solos, the one most like real solos first."""
    from seqgen_jazz.evaluation.ranking import ranking

    return ranking(items)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="jazz",
        summary="Jazz solos over a chord chart",
        corpus=corpus,
        encoder=JazzEncoder,
        encoding_options=Writing,
        data_options=JazzData,
        generation_options=JazzPrompt,
        resolve=resolve,
        condition=condition,
        guide=jazz_guide,
        augment=augment,
        text=solo_text,
        render=render,
        write=write,
        keeps_receipts=True,
        inspect=inspect,
        evaluation=seqgen.Evaluation(
            rank=rank, metrics=metrics, passages=passages, score_card=score_card
        ),
        presets=PRESETS,
        suffixes=(".mid", ".midi", ".xml", ".musicxml", ".mxl", ".abc", ".db"),
        model=MODEL,
    )


__all__ = ["seqgen_domain"]
