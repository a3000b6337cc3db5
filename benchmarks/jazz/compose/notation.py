"""Writes choruses as ABC: bars, triplets, ties, accidentals and chord symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.jazz.compose.book import Chorus
from benchmarks.jazz.compose.forms import BEAT
from benchmarks.jazz.compose.harmony import FIFTHS, Harmony, fifths_position, spell, spell_pitch

#: The lengths of notes and rests outside triplets, in ticks.
_PLAIN = (96, 72, 48, 36, 24, 18, 12, 6)
#: Ticks per eighth note, the unit length of the files.
_UNIT = 12
_LINE_BARS = 4


@dataclass(frozen=True)
class Span:
    """A note, or a rest if ``pitch`` is None; ``tied``: tied to the next span."""

    start: int
    stop: int
    pitch: int | None
    spelling: tuple[str, int, int] | None = None
    tied: bool = False


def write_tune(chorus: Chorus, number: int) -> str:
    """A chorus as an ABC tune, ending with a newline."""
    entry, form = chorus.entry, chorus.form
    key = fifths_position(entry.key) + (0 if not entry.minor else -3)
    head = [
        f"X:{number}",
        f"T:{chorus.title}",
        "C:seqgen project (CC0)",
        f"M:{form.meter}/4",
        "L:1/8",
        f"Q:1/4={entry.tempo}",
        f"K:{entry.key}{'m' if entry.minor else ''}",
    ]
    bars = _bars(chorus)
    texts = [
        _write_bar(spans, chords, index * form.meter * BEAT, form.meter, key)
        for index, (spans, chords) in enumerate(zip(bars, form.bars, strict=True))
    ]
    lines = [" | ".join(texts[i : i + _LINE_BARS]) + " |" for i in range(0, len(texts), _LINE_BARS)]
    return "\n".join([*head, *lines]) + "]\n"


def _bars(chorus: Chorus) -> list[list[Span]]:
    """The notes and rests of each bar, split at the bar lines."""
    width = chorus.form.meter * BEAT
    bars: list[list[Span]] = []
    spans = _spans(chorus)
    for start in range(0, chorus.form.beats * BEAT, width):
        stop = start + width
        bars.append(
            [
                Span(max(s.start, start), min(s.stop, stop), s.pitch, s.spelling, s.stop > stop)
                for s in spans
                if s.start < stop and s.stop > start
            ]
        )
    return bars


def _spans(chorus: Chorus) -> list[Span]:
    spans: list[Span] = []
    cursor = 0
    pitches = [pitch for _, _, pitch in chorus.notes]
    for (onset, length, pitch), following in zip(chorus.notes, [*pitches[1:], None], strict=True):
        if onset > cursor:
            spans.append(Span(cursor, onset, None))
        chord = chorus.form.chord_at(onset // BEAT)
        spelling = spell_pitch(pitch, chord, following)
        spans.append(Span(onset, onset + length, pitch, spelling))
        cursor = onset + length
    if cursor < chorus.form.beats * BEAT:
        spans.append(Span(cursor, chorus.form.beats * BEAT, None))
    return spans


def _zone(spans: Sequence[Span], tick: int) -> tuple[int, int, bool]:
    """Start and end of the beat or half beat at ``tick``, and whether it is a triplet.

    Ticks are relative to the bar.
    """
    beat = tick - tick % BEAT
    edges = {t for s in spans for t in (s.start, s.stop) if beat < t < beat + BEAT}
    if all(edge % 6 == 0 for edge in edges):
        return beat, beat + BEAT, False
    if beat + _UNIT not in edges:
        return beat, beat + BEAT, True
    half = tick - tick % _UNIT
    inside = {edge for edge in edges if half < edge < half + _UNIT}
    return half, half + _UNIT, any(edge % 6 for edge in inside)


def _pieces(spans: Sequence[Span]) -> list[tuple[Span, bool, int]]:
    """Spans split into note values: (span, whether in a triplet, start of its zone)."""
    result: list[tuple[Span, bool, int]] = []
    for span in spans:
        at = span.start
        while at < span.stop:
            start, stop, triplet = _zone(spans, at)
            end = min(span.stop, stop)
            if not triplet:
                end = _plain_end(spans, at, span.stop)
            tied = span.tied or end < span.stop
            piece = Span(at, end, span.pitch, span.spelling, tied and span.pitch is not None)
            result.append((piece, triplet, start))
            at = end
    return result


def _plain_end(spans: Sequence[Span], at: int, stop: int) -> int:
    """The end of a note value from ``at``, at most ``stop`` or the start of a triplet."""
    limit = at
    while limit < stop:
        _, end, triplet = _zone(spans, limit)
        if triplet:
            break
        limit = min(end, stop)
    available = limit - at
    inside = at % BEAT
    if available > BEAT - inside and inside % _UNIT:
        return at + BEAT - inside  # split a note on a sixteenth at the next beat
    return at + next(length for length in _PLAIN if length <= available)


def _write_bar(
    spans: Sequence[Span], chords: Sequence[tuple[int, Harmony]], base: int, meter: int, key: int
) -> str:
    """A bar as text, grouped by beat, with chord symbols."""
    local = [Span(s.start - base, s.stop - base, s.pitch, s.spelling, s.tied) for s in spans]
    pending = {beat * BEAT: chord.symbol for beat, chord in chords}
    local = _cut_at(local, sorted(pending))
    signature = _signature(key)
    touched: set[str] = set()
    text, zone, beat = "", -1, -1
    for piece, triplet, start in _pieces(local):
        if text and (piece.start // BEAT != beat):
            text += " "
        beat = piece.start // BEAT
        if piece.start in pending:
            text += f'"{pending.pop(piece.start)}"'
        if triplet and start != zone:
            text += _tuplet_mark([p for p, t, z in _pieces(local) if t and z == start])
            zone = start
        text += _write_piece(piece, triplet, start, local, signature, touched)
    assert not pending and meter * BEAT == local[-1].stop
    return text


def _cut_at(spans: Sequence[Span], ticks: Sequence[int]) -> list[Span]:
    """Split spans at the ticks of chord symbols."""
    result = list(spans)
    for tick in ticks:
        for i, s in enumerate(result):
            if s.start < tick < s.stop:
                left = Span(s.start, tick, s.pitch, s.spelling, s.pitch is not None)
                result[i : i + 1] = [left, Span(tick, s.stop, s.pitch, s.spelling, s.tied)]
                break
    return result


def _tuplet_mark(pieces: Sequence[Span]) -> str:
    """``(3`` for three notes; otherwise with the number of notes."""
    return "(3" if len(pieces) == 3 else f"(3:2:{len(pieces)}"


def _write_piece(
    piece: Span,
    triplet: bool,
    start: int,
    spans: Sequence[Span],
    signature: dict[str, int],
    touched: set[str],
) -> str:
    ticks = Fraction(piece.stop - piece.start)
    if triplet:
        ticks *= Fraction(3, 2)
    length = ticks / _UNIT
    size = "" if length == 1 else str(length)
    if length.denominator > 1:
        size = f"{length.numerator if length.numerator > 1 else ''}/"
        size += str(length.denominator) if length.denominator > 2 else ""
    if piece.spelling is None:
        return f"z{size}"
    return _name(piece.spelling, signature, touched) + size + ("-" if piece.tied else "")


def _name(spelling: tuple[str, int, int], signature: dict[str, int], touched: set[str]) -> str:
    """An ABC pitch; it has an accidental if it differs from the key or from earlier in the bar."""
    letter, accidental, octave = spelling
    mark = ""
    if accidental != signature.get(letter, 0) or letter in touched:
        mark = {-1: "_", 0: "=", 1: "^"}[accidental]
        touched.add(letter)
    if octave >= 5:
        return mark + letter.lower() + "'" * (octave - 5)
    return mark + letter + "," * (4 - octave)


def _signature(key: int) -> dict[str, int]:
    """The accidentals of a key signature: ``key`` sharps, or flats if negative."""
    names = [spell(p) for p in range(6, 6 + key)] if key > 0 else []
    flats = [FIFTHS[6 + i] for i in range(0, key, -1)]
    return {name[0]: 1 for name in names} | dict.fromkeys(flats, -1)
