"""Read MIDI files with symusic: melody track, chord symbols or inferred chords, bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo_condition import SOLO_LINE_PREFIX, Phrase, parse_phrase
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.choose_melody import MIN_SINGLE, choose_melody, track_candidate
from seqgen_jazz.readers.chord_inference import downbeat_shift, infer_chords
from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.meters_and_measures import bar_ticks, check_meter, meter_of_ticks
from seqgen_jazz.readers.midi_texts import LYRIC, MARKER, TEXT, MidiTexts, walk_events
from seqgen_jazz.readers.raw_tune import MAX_LENGTH, MIN_NOTES, Count, FileChoice, RawNote, RawTune

#: The kinds of text that may contain chord symbols, by the names in a recipe.
_TEXT_KINDS: Final = {"markers": MARKER, "lyrics": LYRIC, "texts": TEXT}
#: How the markers begin that our own files have at choruses.
_CHORUS: Final = "Chorus "
_MAX_NOTES: Final = 300_000
#: The largest distance, in quarter notes, of a played note from its position on the grid, before
#: the file counts as edited: a swing ratio of 4:1 moves an off-beat by 0.3.
_MAX_MOVED: Final = 0.4


def read_midi(path: Path, choice: FileChoice, chart_only: bool = False) -> RawTune:
    """The tune of a MIDI file before quantization.

    Args:
        path: The file.
        choice: Its melody track and the source of its chords.
        chart_only: Whether only the chart is wanted. No melody is needed then: the notes are those
            of all pitched tracks, and the bars end with the bar in which the last note or chord
            symbol begins, or with the longest track of a file without notes.

    Raises:
        ReadError: The file is damaged, or has no line, no chords or no usable meter.
    """
    score = load_midi(path, allow_silence=chart_only)
    quarter = score.ticks_per_quarter
    counts: Counter[Count] = Counter()
    texts = walk_events(path.read_bytes())
    if texts.endless:
        counts[Count.ENDLESS_NOTES] += texts.endless
    sounding = sounding_tracks(score)
    melody = find_melody(sounding, quarter, choice.melody)
    if melody is None and not chart_only:
        message = f"no track is a line of at least {MIN_NOTES} single notes"
        raise ReadError(message, SkipReason.NO_MELODY)
    end = _last_onset(sounding, texts, quarter) if chart_only else score.end() / quarter
    meters = _meters(score, end, counts)
    chords = _chosen_chords(choice, texts, meters, quarter, counts)
    pitched = [track for track in sounding if not track.is_drum]
    backing = [track for track in pitched if track is not melody and not chords]
    accompaniment = [note for track in backing for note in raw_notes(track, quarter)]
    shift = 0
    if not choice.has_chart:
        onsets = [onset for onset, _ in chords] or [note.onset for note in accompaniment]
        shift = downbeat_shift(onsets, meters)
    if shift:
        meters = [meter_of_ticks(shift), *meters]
        counts[Count.PICKUPS] += 1
    if not chords:
        chords = infer_chords(accompaniment, meters)
        counts[Count.INFERRED_CHORDS] += 1
    played = pitched if chart_only else [melody]
    notes = tuple(note for track in played for note in raw_notes(track, quarter))
    if not chart_only:
        notes = _unswung(texts, notes) or notes
    tempo = float(score.tempos[0].qpm) if len(score.tempos) else 120.0
    return RawTune(notes, tuple(chords), tuple(meters), path.stem, round(tempo, 2), counts)


def find_melody(tracks: Sequence[Any], quarter: int, number: int = 0) -> Any | None:
    """The track that is the most probable melody; None if no track is a line.

    Args:
        tracks: symusic tracks with notes.
        quarter: Ticks per quarter note.
        number: Choose this track instead, from 1; 0 for none.

    Raises:
        ReadError: There is no track with this number.
    """
    if number > len(tracks):
        raise ReadError(f"it has no track {number} with notes", SkipReason.NO_MELODY)
    if number:
        return tracks[number - 1]
    pitched = [track for track in tracks if not track.is_drum and len(track.notes) >= MIN_NOTES]
    candidates = [track_candidate(track, quarter) for track in pitched]
    if all(one.single < MIN_SINGLE for one in candidates):
        return None
    return pitched[choose_melody(candidates)]


def _last_onset(tracks: Sequence[Any], texts: MidiTexts, quarter: int) -> float:
    """The quarter note at which the bars of a chart end.

    This is just after the last note and chord symbol begin, and at most a quarter note before
    the last note ends, because it may ring over its bar line. If there are no notes, it is the end
    of the tracks.
    """
    symbols = _symbols(texts, quarter, Counter(), tuple(_TEXT_KINDS.values()))
    notes = [note for track in tracks for note in raw_notes(track, quarter)]
    onsets = [onset for onset, _ in symbols] + [note.onset for note in notes]
    last = max(onsets, default=0.0) + 1 / TICKS_PER_QUARTER
    return max([last, *(note.end - 1 for note in notes)] if notes else [last, texts.end / quarter])


def embedded_line(
    texts: MidiTexts, tracks: Sequence[Sequence[RawNote]], where: str
) -> Phrase | None:
    """The line that a file of this plugin stores as text, exactly on its grid.

    Returns None if the file stores no line, or no track matches the stored line any more.

    Args:
        texts: The texts of the file.
        tracks: The notes of each track, ascending.
        where: The name of the file in errors.

    Raises:
        DataError: The stored line is damaged.
    """
    for _, text in texts.of_kind(TEXT):
        if text.startswith(SOLO_LINE_PREFIX):
            phrase = parse_phrase(text.removeprefix(SOLO_LINE_PREFIX), where)
            if any(_matches(track, phrase) for track in tracks):
                return phrase
    return None


def _matches(track: Sequence[RawNote], phrase: Phrase) -> bool:
    """Whether a track is a performance of the phrase, note for note."""
    return len(track) == len(phrase.notes) and all(
        played.pitch == note.pitch
        and abs(played.onset - note.onset / TICKS_PER_QUARTER) <= _MAX_MOVED
        for played, note in zip(track, phrase.notes, strict=True)
    )


def _unswung(texts: MidiTexts, notes: Sequence[RawNote]) -> tuple[RawNote, ...]:
    """The notes of a file of this plugin on its grid, without swing and delays; else ()."""
    try:
        phrase = embedded_line(texts, [sorted(notes)], "the file")
    except DataError:
        return ()
    quarter = TICKS_PER_QUARTER
    line = phrase.notes if phrase else ()
    return tuple(RawNote(n.onset / quarter, n.end / quarter, n.pitch) for n in line)


def sounding_tracks(score: Any) -> list[Any]:
    """The tracks with notes, drums included, in file order."""
    return [track for track in score.tracks if len(track.notes)]


def _chosen_chords(
    choice: FileChoice,
    texts: MidiTexts,
    meters: Sequence[tuple[int, int]],
    quarter: int,
    counts: Counter[Count],
) -> list[tuple[float, Chord]]:
    """The chords according to a recipe; empty if they are to be inferred."""
    if choice.chords == "infer":
        return []
    if choice.has_chart:
        counts[Count.RECIPE_CHORDS] += 1
        return _looped_chart(choice.chords, sum(map(bar_ticks, meters)))
    chosen = _TEXT_KINDS.get(choice.chords)
    chords = _symbols(texts, quarter, counts, [chosen] if chosen else [*_TEXT_KINDS.values()])
    if chosen and not chords:
        raise ReadError(f"its {choice.chords} contain no chord symbols", SkipReason.NO_CHORDS)
    return chords


def _looped_chart(text: str, ticks: int) -> list[tuple[float, Chord]]:
    """The changes of a chart, repeated up to this many ticks."""
    from seqgen_jazz.charts.chart_parser import parse_chart

    chart = parse_chart(text)
    return [
        ((start + tick) / TICKS_PER_QUARTER, chord)
        for start in range(0, ticks, chart.ticks)
        for tick, chord in chart.changes
    ]


def load_midi(path: Path, allow_silence: bool = False) -> Any:
    """The symusic score; ``allow_silence`` accepts a file without notes.

    Raises:
        ReadError: The file is damaged, or of another kind.
    """
    with path.open("rb") as file:
        head = file.read(14)
    if not head:
        raise ReadError("it is empty", SkipReason.EMPTY)
    if head[:4] != b"MThd":
        kind = "is a web page" if head.lstrip()[:1] == b"<" else "is not a MIDI file"
        raise ReadError(f"it {kind}: it does not begin with MThd", SkipReason.OTHER_FORMAT)
    if len(head) < 14:
        raise ReadError("its MIDI header is incomplete", SkipReason.DAMAGED)
    if head[8:10] == b"\x00\x02":
        raise ReadError("it is MIDI format 2: several songs in one file", SkipReason.SEVERAL_SONGS)
    if head[12] & 0x80:
        raise ReadError("it has SMPTE time", SkipReason.TIME_DIVISION)
    import symusic

    try:
        score = symusic.Score(path)
    except Exception as error:  # the C++ reader raises errors of its libraries
        cause = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise ReadError(f"it is a damaged MIDI file ({cause})", SkipReason.DAMAGED) from error
    _check(score, allow_silence)
    return score


def _check(score: Any, allow_silence: bool) -> None:
    if score.ticks_per_quarter <= 0:
        raise ReadError("it has 0 ticks per quarter note", SkipReason.TIME_DIVISION)
    if not allow_silence and not score.note_num():
        raise ReadError("it has no notes", SkipReason.EMPTY)
    if score.note_num() > _MAX_NOTES:
        raise ReadError(f"it has {score.note_num()} notes; the maximum is {_MAX_NOTES}")
    quarters = score.end() / score.ticks_per_quarter
    if quarters > MAX_LENGTH:
        message = f"it lasts {quarters:.0f} quarter notes; the maximum is {MAX_LENGTH}"
        raise ReadError(message, SkipReason.DAMAGED)


def raw_notes(track: Any, quarter: int) -> Iterable[RawNote]:
    """The notes of a symusic track; ``quarter`` is its ticks per quarter note."""
    for note in track.notes:
        yield RawNote(note.time / quarter, (note.time + note.duration) / quarter, note.pitch)


def _meters(score: Any, last: float, counts: Counter[Count]) -> list[tuple[int, int]]:
    """One meter per bar up to a quarter note; an incomplete bar has a meter of its own."""
    quarter = score.ticks_per_quarter
    signs: dict[int, tuple[int, int]] = {}
    for sign in score.time_signatures:
        tick = round(sign.time * TICKS_PER_QUARTER / quarter)
        signs[tick] = check_meter(sign.numerator, sign.denominator)
    if 0 not in signs:
        counts[Count.NO_METER] += 1
        signs[0] = (4, 4)
    end = round(last * TICKS_PER_QUARTER)
    meters: list[tuple[int, int]] = []
    ordered = sorted(signs)
    for tick, following in zip(ordered, [*ordered[1:], end], strict=True):
        whole, rest = divmod(max(0, following - tick), bar_ticks(signs[tick]))
        meters += [signs[tick]] * whole
        if rest:
            meters.append(signs[tick] if following == end else meter_of_ticks(rest))
    return meters


def first_meters(score: Any) -> tuple[tuple[int, int], ...]:
    """The meters of the first bars, up to three; () if the file's meters are not supported."""
    quarter = score.ticks_per_quarter
    signs = sorted(sign.time / quarter for sign in score.time_signatures)
    try:
        # After the second time signature nothing more is known about a pickup.
        return tuple(_meters(score, max([0.0, *signs[:2]]) + 1, Counter())[:3])
    except DataError:
        return ()


def _chord(text: str) -> Chord | None:
    """The chord that a text is, None for other texts."""
    try:
        return parse_chord(text)
    except DataError:
        return None


def _symbols(
    texts: MidiTexts, quarter: int, counts: Counter[Count], kinds: Sequence[int]
) -> list[tuple[float, Chord]]:
    """The chord symbols among markers, else lyrics, else texts; empty if there are none.

    Rehearsal letters are markers too: texts count as chords only if most of them are chords and
    at least one of them is longer than a letter.
    """
    for kind in kinds:
        found = [
            (tick / quarter, text.strip())
            for tick, text in texts.of_kind(kind)
            if not text.startswith(_CHORUS)
        ]
        chords = [(onset, chord) for onset, text in found if (chord := _chord(text)) is not None]
        symbols = any(len(text) > 1 for _, text in found)
        if symbols and len(chords) >= 2 and 2 * len(chords) > len(found):
            if len(found) > len(chords):
                counts[Count.OTHER_MARKERS] += len(found) - len(chords)
            return chords
    return []
