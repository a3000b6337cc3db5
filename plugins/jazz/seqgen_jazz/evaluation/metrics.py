"""Every figure of one solo by name."""

from __future__ import annotations

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation import pitch_metrics as pitches
from seqgen_jazz.evaluation import rhythm_metrics as rhythm


def describe(solo: Solo) -> dict[str, float | None]:
    """Every figure of a solo with at least two notes.

    Shares lie in 0 to 1, entropies are in bits, intervals in semitones, lengths in beats of a
    quarter. A figure that the solo has too few notes for is None. Raises ``ValueError`` for
    fewer notes.
    """
    if len(solo.notes) < 2:
        raise ValueError(f"a solo of {len(solo.notes)} notes can't be described; it needs 2")
    return _pitch_figures(solo) | _interval_figures(solo) | _time_figures(solo)


def _pitch_figures(solo: Solo) -> dict[str, float | None]:
    beat = TICKS_PER_QUARTER
    sounding = [note.pitch for note in solo.notes]

    def share(least: int, step: int) -> float | None:
        return pitches.chord_tone_share(solo, lambda tick: tick % step == least)

    return {
        "H1": pitches.window_entropy(solo, 1),
        "H4": pitches.window_entropy(solo, 4),
        "entropy": pitches.entropy(pitch % 12 for pitch in sounding),
        "chord tones": pitches.chord_tone_share(solo, lambda tick: True),
        "chord tones, on the beat": share(0, beat),
        "chord tones, beats 1+3": share(0, 2 * beat),
        "chord tones, beats 2+4": share(beat, 2 * beat),
        "chord tones, off beats": pitches.chord_tone_share(solo, lambda tick: tick % beat != 0),
        "range": max(sounding) - min(sounding),
        "lowest": min(sounding),
        "highest": max(sounding),
    }


def _interval_figures(solo: Solo) -> dict[str, float | None]:
    sizes = [abs(step) for step in pitches.intervals(solo)]
    return {
        "mean interval": sum(sizes) / len(sizes),
        **pitches.interval_shares(solo),
        "direction changes": pitches.direction_changes(solo),
        "self-repetition": pitches.self_repetition(solo),
    }


def _time_figures(solo: Solo) -> dict[str, float | None]:
    beat = TICKS_PER_QUARTER
    bars, found, gaps = rhythm.bars_of(solo), rhythm.phrases(solo), rhythm.gaps(solo)
    span = solo.notes[-1].end - solo.notes[0].onset
    return {
        "silence": sum(gaps) / span,
        "silence in gaps >= 1/2 beat": sum(g for g in gaps if 2 * g >= beat) / span,
        "overlap": rhythm.overlap(solo),
        "empty bars": sum(not bar for bar in bars) / len(bars),
        "phrase length, notes": rhythm.median([len(p) for p in found]),
        "phrase length, beats": rhythm.median([(p[-1].end - p[0].onset) / beat for p in found]),
        "phrases per 32 bars": 32 * len(found) / len(bars),
        "notes per bar": len(solo.notes) / len(bars),
        "onsets on the beat": sum(n.onset % beat == 0 for n in solo.notes) / len(solo.notes),
        "groove similarity": rhythm.groove_similarity(solo),
        "swing": rhythm.swing(solo),
    }
