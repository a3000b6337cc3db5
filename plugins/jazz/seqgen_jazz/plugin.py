"""The jazz domain: solos over a chord chart. Each function imports what it needs when called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.encoding.encoder import EncodingOptions, JazzEncoder
from seqgen_jazz.encoding.solo import solo_text
from seqgen_jazz.options import DataOptions, GenerationOptions
from seqgen_jazz.prompting.resolve_options import condition, guide, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from seqgen_jazz.encoding.solo import Solo
    from seqgen_jazz.encoding.solo_condition import SoloCondition

#: For a few dozen to a few hundred solos; small batches, because an epoch has few windows.
PRESETS = {
    "units": 192,
    "embedding": 48,
    "dropout": 0.4,
    # Independent of the size of the corpus.
    "weight_drop": 0.0,
    "ema": 0.0,
    "batch_size": 8,
    "epochs": 50,
    "patience": 10,
    # A run keeps the four best of eight solos.
    "count": 8,
    "best": 4,
    # Chosen by the score card: alone, the network repeats its figures too seldom (self-repetition
    # 0.07, real solos 0.24) and leaps too seldom; see docs/benchmarks/jazz-solos.md of seqgen.
    "recall": 0.4,
    "recall_after": 3,
    "temperature_groups": "pitch:1.06",
}
#: Trained on the embedded corpus; ``make models`` in the repository retrains it.
MODEL = Path(__file__).parent / "data" / "model.safetensors"


def corpus(source: Path | None, options: DataOptions) -> seqgen.Corpus[Solo]:
    """The solos of a file, folder or database; those that the plugin ships if it is None.

    Solos on fewer than three tunes are cut into phrases, because the split needs three items.
    """
    from seqgen_jazz.corpus.load_corpus import cut_few_tunes, load_corpus

    return cut_few_tunes(load_corpus(source, options))


def augment(solo: Solo, rng: Random) -> Solo:
    """The solo in a random key, within the range of the encoder.

    It is transposed by -6 to 5 semitones, so that each key occurs once.
    """
    from seqgen_jazz.encoding.solo import ANY

    pitches = [note.pitch for note in solo.notes] or [ANY.low + 6]
    lowest, highest = ANY.low - min(pitches), ANY.high - max(pitches)
    return solo.transpose(rng.randint(max(-6, lowest), min(5, highest)))


def render(solo: Solo) -> Mapping[str, Callable[[], str | bytes]]:
    """The representations of a solo by media type, each computed on demand.

    The piano roll as text and as a picture, and the performance as audio by the synthesizer of
    this plugin, which needs no other program.
    """

    def picture() -> bytes:
        from seqgen_jazz.output.piano_roll_png import piano_roll_png

        return piano_roll_png(solo)

    def audio() -> bytes:
        from seqgen_jazz.output.audio.wav import synthesize

        return synthesize(solo)

    def text() -> str:
        from seqgen_jazz.output.text_roll import describe_performance, text_roll

        return "\n".join([*describe_performance(solo), text_roll(solo)])

    return {"text/plain": text, "image/png": picture, "audio/wav": audio}


def write(items: Sequence[Solo], folder: Path, receipts: Sequence[str] = ()) -> list[Path]:
    """Write ``solo-001.mid``, ``solo-001.musicxml`` and so on, each atomically.

    The ``performance`` of a solo may also request a ``.wav`` file, and ``.png`` pictures of the
    line and of the first bars of all parts.

    Args:
        items: In the order of their numbers.
        folder: Created if missing; nothing outside it is written.
        receipts: A line per solo, which its files contain; empty for none.

    Raises:
        SeqgenError: The folder cannot be written.
    """
    from seqgen_jazz.output.midi import midi_bytes
    from seqgen_jazz.output.musicxml.score import musicxml

    paths = []
    for number, solo in enumerate(items):
        receipt, performance = receipts[number] if receipts else "", solo.performance
        files = {".mid": midi_bytes(solo, receipt), ".musicxml": musicxml(solo, receipt)}
        if performance is not None and performance.wav:
            from seqgen_jazz.output.audio.wav import solo_wav

            files[".wav"] = solo_wav(solo)
        if performance is not None and performance.picture:
            from seqgen_jazz.output.piano_roll_png import band_png, piano_roll_png

            files |= {".png": piano_roll_png(solo), "-band.png": band_png(solo)}
        for ending, content in files.items():
            path = folder / f"solo-{number + 1:03d}{ending}"
            paths.append(seqgen.write_file(path, content))
    return paths


def rank(items: Sequence[Solo]) -> list[int]:
    """The indices of the solos, the most similar to real solos first."""
    from seqgen_jazz.evaluation.metrics import rank_solos

    return rank_solos(items)


def metrics(solo: Solo) -> dict[str, float | None]:
    """The metrics of a solo; none if it has fewer than two notes."""
    from seqgen_jazz.evaluation.metrics import solo_metrics

    return solo_metrics(solo) if len(solo.notes) > 1 else {}


def passages(solo: Solo) -> Sequence[seqgen.Passages]:
    """The intervals of a solo, without and with their durations."""
    from seqgen_jazz.evaluation.metrics import passages

    return passages(solo)


def score_card(solos: Sequence[Solo]) -> seqgen.ScoreCard:
    """Every metric of the solos compared with that of real ones."""
    from seqgen_jazz.evaluation.score_card import score_card

    return score_card(solos)


def inspect(path: Path) -> seqgen.Inspection:
    """The content of music files: tracks and their roles, bars, chords, and a recipe to edit."""
    from seqgen_jazz.corpus.inspect_files import inspect_music

    return inspect_music(path)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain[Solo, GenerationOptions, SoloCondition]:
    return seqgen.Domain(
        name="jazz",
        summary="Jazz solos over a chord chart",
        corpus=corpus,
        encoder=JazzEncoder,
        encoding_options=EncodingOptions,
        data_options=DataOptions,
        generation_options=GenerationOptions,
        resolve=resolve,
        condition=condition,
        guide=guide,
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
