"""The notes and chord symbols of a score as MusicXML elements."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple, final
from xml.etree.ElementTree import Element, SubElement

from seqgen_jazz.encoding.solo_tokens import CLASSES, note_classes
from seqgen_jazz.harmony.chord import Chord, Quality
from seqgen_jazz.output.musicxml.note_values import NoteValue
from seqgen_jazz.output.spelling import Spelled

#: The text of chords whose degrees are drawn next to it.
PLAIN: Final = "7"
#: (third, fifth, seventh) in semitones above the root -> kind.
_KINDS: Final[dict[tuple[int | None, int | None, int | None], str]] = {
    (4, 7, None): "major",
    (3, 7, None): "minor",
    (4, 8, None): "augmented",
    (3, 6, None): "diminished",
    (4, 7, 10): "dominant",
    (4, 7, 11): "major-seventh",
    (3, 7, 10): "minor-seventh",
    (3, 6, 9): "diminished-seventh",
    (4, 8, 10): "augmented-seventh",
    (3, 6, 10): "half-diminished",
    (3, 7, 11): "major-minor",
    (4, 7, 9): "major-sixth",
    (3, 7, 9): "minor-sixth",
    (5, 7, None): "suspended-fourth",
    (2, 7, None): "suspended-second",
    (None, 7, None): "power",
}
#: Kind and tensions -> the kind with these tensions.
_LARGER: Final = {
    ("dominant", (14,)): "dominant-ninth",
    ("major-seventh", (14,)): "major-ninth",
    ("minor-seventh", (14,)): "minor-ninth",
    ("dominant", (14, 17)): "dominant-11th",
    ("minor-seventh", (14, 17)): "minor-11th",
    ("dominant", (14, 21)): "dominant-13th",
    ("major-seventh", (14, 21)): "major-13th",
    ("minor-seventh", (14, 21)): "minor-13th",
}
#: Semitones above the root -> degree and alteration, relative to a dominant thirteenth chord.
_KIND_DEGREES: Final = {
    **{9: (6, 0), 10: (7, 0), 11: (7, 1)},
    **{13: (9, -1), 14: (9, 0), 15: (9, 1), 16: (3, 0), 17: (11, 0), 18: (11, 1)},
    **{20: (13, -1), 21: (13, 0)},
}


def chord_symbol(chord: Chord, root: Spelled | None, bass: Spelled | None) -> Element:
    """The ``<harmony>`` of a chord, built from its structure and never from text.

    Args:
        chord: The chord.
        root: The name of its root; None for N.C.
        bass: The name of its slash bass; None without one.
    """
    symbol = Element("harmony")
    structure = chord.structure
    if structure is None or root is None:
        # The schema requires a root even for N.C.
        SubElement(SubElement(symbol, "root"), "root-step", text="").text = "C"
        SubElement(symbol, "kind", text="N.C.").text = "none"
        return symbol
    _add_note(symbol, "root", root)
    kind, degrees = _analyze(structure)
    # "7" with its raised and lowered tensions is drawn from its degrees by all programs. The text
    # of other chords is complete, and their degrees are only for playback.
    plain = kind == "dominant" and all(change == "add" and alter for _, alter, change in degrees)
    SubElement(symbol, "kind", text=PLAIN if plain else chord.quality).text = kind
    if bass is not None:
        _add_note(symbol, "bass", bass)
    for value, alter, change in degrees:
        degree = SubElement(symbol, "degree", {} if plain else {"print-object": "no"})
        for name, content in (("value", value), ("alter", alter), ("type", change)):
            SubElement(degree, f"degree-{name}").text = str(content)
    return symbol


def _add_note(symbol: Element, tag: str, name: Spelled) -> None:
    element = SubElement(symbol, tag)
    SubElement(element, f"{tag}-step").text = name.step
    if name.alter:
        SubElement(element, f"{tag}-alter").text = str(name.alter)


def _analyze(quality: Quality) -> tuple[str, list[tuple[int, int, str]]]:
    """The kind, and the changes to it as (degree, alteration, type)."""
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    degrees: list[tuple[int, int, str]] = []
    if (third, fifth, seventh) not in _KINDS and fifth != 7:
        degrees.append((5, 0, "subtract") if fifth is None else (5, fifth - 7, "alter"))
        fifth = 7
    if (third, fifth, seventh) not in _KINDS and seventh is not None:
        degrees.append((*_KIND_DEGREES[seventh], "add"))
        seventh = None
    kind = _KINDS[third, fifth, seventh]
    if (kind, quality.tensions) in _LARGER and not degrees:
        return _LARGER[kind, quality.tensions], []
    degrees += [(*_KIND_DEGREES[tension], "add") for tension in quality.tensions]
    return kind, degrees


#: Half of a triplet group as a plain value, by the length of the group.
_TRIPLET_UNITS: Final = {24: "eighth", 12: "16th", 6: "32nd", 3: "64th"}
_FLAGS: Final = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_ACCIDENTALS: Final = {-1: "flat", 0: "natural", 1: "sharp"}
_SHARPS: Final = "FCGDAEB"  # in the order of a key signature; flats come from the end
#: Degrees by semitones above the root.
_DEGREES: Final = ("1", "b9", "9", "b3", "3", "11", "#11", "5", "b13", "13", "b7", "7")
#: Degrees that have another name as chord tones.
_CHORD_DEGREES: Final = {2: "2", 5: "4", 6: "b5", 8: "#5", 9: "6"}


@final
class Marks(NamedTuple):
    """What a note has besides its value.

    Args:
        name: None for a rest.
        accidental: Its name, and whether it is only a reminder; None for none.
        ties: "stop" for a note continued from the previous value, "start" for one that continues.
        beams: As ``beams``.
        staccato: Whether it has a dot above.
        lyrics: Lines below it.
    """

    name: Spelled | None
    accidental: tuple[str, bool] | None = None
    ties: tuple[str, ...] = ()
    beams: Sequence[str] = ()
    staccato: bool = False
    lyrics: Sequence[str] = ()


def note_element(value: NoteValue, marks: Marks) -> Element:
    """The ``<note>`` of a note value; its duration is in ticks, 24 per quarter note."""
    note = Element("note")
    if marks.name is None:
        SubElement(note, "rest", {"measure": "yes"} if value.name is None else {})
    else:
        pitch = SubElement(note, "pitch")
        # <alter> also for naturals: music21 ignores a tie between notes with and without it.
        for tag, content in zip(("step", "alter", "octave"), marks.name, strict=True):
            SubElement(pitch, tag).text = str(content)
    SubElement(note, "duration").text = str(value.ticks)
    for tie in marks.ties:
        SubElement(note, "tie", type=tie)
    SubElement(note, "voice").text = "1"
    if value.name is not None:
        SubElement(note, "type").text = value.name
    if value.dotted:
        SubElement(note, "dot")
    if marks.accidental is not None:
        accidental, reminder = marks.accidental
        SubElement(note, "accidental", {"cautionary": "yes"} if reminder else {}).text = accidental
    if value.triplet:
        _add_time_modification(note, value, value.triplet)
    for number, beam in enumerate(marks.beams, start=1):
        SubElement(note, "beam", number=str(number)).text = beam
    _add_notations(note, value, marks)
    for number, line in enumerate(marks.lyrics, start=1):
        lyric = SubElement(note, "lyric", number=str(number))
        SubElement(lyric, "syllabic").text = "single"
        SubElement(lyric, "text").text = line
    return note


def _add_time_modification(note: Element, value: NoteValue, triplet: tuple[int, int]) -> None:
    change = SubElement(note, "time-modification")
    SubElement(change, "actual-notes").text = "3"
    SubElement(change, "normal-notes").text = "2"
    unit = _TRIPLET_UNITS[triplet[1] - triplet[0]]
    if value.name != unit or value.dotted:
        SubElement(change, "normal-type").text = unit


def _add_notations(note: Element, value: NoteValue, marks: Marks) -> None:
    found = [Element("tied", type=tie) for tie in marks.ties]
    if value.triplet:
        if value.start == value.triplet[0]:
            found.append(Element("tuplet", type="start", number="1"))
        if value.end == value.triplet[1]:
            found.append(Element("tuplet", type="stop", number="1"))
    if marks.staccato:
        articulations = Element("articulations")
        SubElement(articulations, "staccato")
        found.append(articulations)
    if found:
        SubElement(note, "notations").extend(found)


@final
class Accidentals:
    """The accidentals that are in effect in a part, bar by bar.

    Args:
        fifths: Sharps of the key signature, below 0 flats; 0 without one.
    """

    def __init__(self, fifths: int = 0) -> None:
        signed = _SHARPS[:fifths] if fifths >= 0 else _SHARPS[fifths:]
        self._key = dict.fromkeys(signed, 1 if fifths > 0 else -1)
        self._current: dict[tuple[str, int], int] = {}
        self._previous: dict[str, set[int]] = {}

    def start_bar(self) -> None:
        """Begin a bar: only the key signature is in effect."""
        self._previous = self._by_letter()
        self._current = {}

    def _by_letter(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for (step, _), alter in self._current.items():
            found.setdefault(step, set()).add(alter)
        return found

    def mark(self, note: Spelled) -> tuple[str, bool] | None:
        """The accidental of a note, and whether it is only a reminder; not for tied notes.

        A reminder follows another accidental of the letter in another octave, or in the bar before.
        """
        step, alter, octave = note
        current = self._current.get((step, octave), self._key.get(step, 0))
        needed = current != alter
        remembered = self._by_letter().get(step) or self._previous.get(step) or {alter}
        if needed or ((step, octave) not in self._current and remembered != {alter}):
            self._current[step, octave] = alter
            return _ACCIDENTALS[alter], not needed
        return None


def beams(
    values: Sequence[NoteValue], rests: Sequence[bool], beat: int, lead: int = 0
) -> list[list[str]]:
    """The beams of each note value as MusicXML names them, the outermost first; [] without beams.

    Notes shorter than a quarter are joined within a beat and up to the next rest. The beams of
    music21 are not used: some end without a beginning if short notes of several lengths are in
    one group (in 8 of 165 random solos under the guide).

    Args:
        values: The note values of a bar in order.
        rests: Whether each is a rest.
        beat: The length of a beat in ticks.
        lead: As for ``split_bar``.
    """
    found: list[list[str]] = [[] for _ in values]

    def group(index: int) -> tuple[int, bool]:
        return (lead + values[index].start) // beat, _flags(values[index]) > 0 and not rests[index]

    for (_, flagged), indexes in groupby(range(len(values)), group):
        run = list(indexes)
        if flagged and len(run) > 1:
            for level in range(1, 5):
                _join(run, level, values, found)
    return found


def _join(run: list[int], level: int, values: Sequence[NoteValue], found: list[list[str]]) -> None:
    """Add the beams of one level to the notes of a run that have as many flags."""
    for has_beam, indexes in groupby(run, lambda index: _flags(values[index]) >= level):
        joined = list(indexes)
        if not has_beam:
            continue
        if len(joined) == 1:
            found[joined[0]].append("forward hook" if joined[0] == run[0] else "backward hook")
            continue
        for index in joined:
            ends = {joined[0]: "begin", joined[-1]: "end"}
            found[index].append(ends.get(index, "continue"))


def _flags(value: NoteValue) -> int:
    return _FLAGS.get(value.name or "", 0)


def note_lyrics(pitch: int, chord: Chord) -> tuple[str, ...]:
    """The degree of a note ("b9") and the letter of its class: C chord tone, S scale tone,
    A approach, X other. Empty without a chord.
    """
    if chord.root < 0:
        return ()
    return scale_degree((pitch - chord.root) % 12, chord), CLASSES[note_classes(chord)[pitch % 12]]


def scale_degree(above: int, chord: Chord) -> str:
    """The degree of a note ``above`` semitones above the root of a chord."""
    if above in chord.intervals and above in _CHORD_DEGREES:
        diminished = above == 9 and 6 in chord.intervals and 3 in chord.intervals
        return "bb7" if diminished else _CHORD_DEGREES[above]
    if above == 3 and 4 in chord.intervals:
        return "#9"
    return _DEGREES[above]
