"""iReal charts: the cells of a song read as bars, placed on beats, played out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_header import read_key
from seqgen_jazz.charts.chart_parser import played
from seqgen_jazz.charts.ireal_directions import (
    is_fine,
    is_of_form,
    plain_words,
    read_jump,
    read_times,
)
from seqgen_jazz.charts.ireal_link import IRealSong
from seqgen_jazz.charts.repeats import WrittenBar
from seqgen_jazz.harmony.chord import NO_CHORD, Chord, parse_chord

_TOKEN: Final = re.compile(
    r"(?P<meter>T\d\d)"
    r"|(?P<section>\*[A-Za-z])"
    r"|(?P<ending>N\d)"
    r"|(?P<words><[^>]*>)"
    r"|(?P<aside>\([^)]*\)|[slYf,]|\n|\r|\")"
    r"|(?P<chord>(?:[A-G][b#]?(?:\*[^*]*\*|sus|alt|add|maj|[-+^ohø]|[b#]?\d|/(?=\d))*|W)"
    r"(?:/[A-G][b#]?)?)"
    r"|(?P<sign>[xrnpSQU ])"
    r"|(?P<line>[\[\]{}|Z])"
)
_METERS: Final = {"12": (12, 8)}


def ireal_chart(song: IRealSong) -> Chart:
    """The chart of a song, played out once through.

    A cell is not a beat; ``_beats`` says which beats the cells of a bar are.

    Raises:
        DataError: A sign or a chord cannot be read; the message names the song and the bar.
    """
    try:
        reader = _Cells()
        for kind, text in _tokens(song.music):
            getattr(reader, f"_{kind}")(text)
        reader.end_bar()
        if not reader.bars:
            raise DataError("it has no bars")
        return played(
            reader.bars,
            title=song.title,
            composer=song.composer,
            style=song.style,
            key=read_key(song.key) if song.key else None,
            tempo=float(song.tempo) or None,
            remarks=reader.told(),
        )
    except DataError as error:
        raise DataError(f"the iReal song {song.title!r}: {error}") from error


def _tokens(music: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(music):
        found = _TOKEN.match(music, at)
        if found is None:
            raise DataError(f"{music[at]!r} has no meaning at {music[at : at + 12]!r}")
        yield str(found.lastgroup), found[0]
        at = found.end()


def _beats(places: Sequence[int], cells: int, beats: int) -> Sequence[int]:
    """The beats of chords that stand in some of the cells of a bar.

    In four cells and up to four beats cell and beat are the same, and of more cells than beats
    they are shares. In fewer cells a chord has its cell and the empty ones behind it as beats,
    and the beats that remain go to the chords in turn, from the first: 3+2 for two in 5/4.
    """
    if cells == 4 and beats <= 4:
        return places
    if cells >= beats:
        return [-(-place * beats // cells) for place in places]
    share, extra = divmod(beats - cells, max(1, len(places)))
    more = (share + (number < extra) for number in range(len(places) - 1))
    moved = accumulate(more, initial=0)
    return [place + by for place, by in zip(places, moved, strict=False)]


@final
@dataclass(slots=True)
class _Cells:
    """Collects the cells of a bar; None is an empty cell or one that holds the chord before."""

    meter: tuple[int, int] = (4, 4)
    bars: list[WrittenBar] = field(default_factory=list)
    cells: list[Chord | None] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    repeated: int = 0
    again: int = 0
    blank: bool = True
    chord: Chord = NO_CHORD
    remarks: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def end_bar(self) -> None:
        """The bar of the cells so far; blanks behind a closed line are no bar."""
        cells, self.cells = self.cells, []
        said = any(cell is not None for cell in cells) or self.repeated
        if not said and (self.blank or not cells):
            return
        if said and self.again:
            self.again = 0
            self._add(self._before(2))
        if self.repeated or (self.again and not said):
            changes = self._before(self.repeated or 2)
            self.again = int(self.repeated == 2)
        else:
            changes = self._placed(cells)
        self._add(changes)

    def _add(self, changes: tuple[tuple[int, Chord], ...]) -> None:
        self.bars.append(WrittenBar(Bar(changes, self.meter), **self.marks))
        self.marks, self.repeated = {}, 0

    def _before(self, back: int) -> tuple[tuple[int, Chord], ...]:
        if len(self.bars) < back:
            raise DataError(f"bar {len(self.bars) + 1} repeats what stands {back} bars before it")
        # A bar of a shorter meter has room for the beginning only.
        room = Bar((), self.meter).ticks
        return tuple(change for change in self.bars[-back].bar.changes if change[0] < room)

    def _placed(self, cells: list[Chord | None]) -> tuple[tuple[int, Chord], ...]:
        """The chords of a bar at the beats of their cells; two at one beat move apart."""
        bar = Bar((), self.meter)
        chords = [(place, chord) for place, chord in enumerate(cells) if chord is not None]
        # More chords than felt beats stand on the lower beats of 6/8, 9/8 and 12/8.
        beats = bar.beats if len(chords) <= bar.beats else self.meter[0]
        if len(chords) > beats:
            number = len(self.bars) + 1
            raise DataError(f"bar {number} has {len(chords)} chords in {beats} beats")
        starts: list[int] = []
        for beat in _beats([place for place, _ in chords], len(cells), beats):
            starts.append(max(beat, starts[-1] + 1 if starts else 0))
        for place in range(len(starts)):  # what was moved behind the bar comes back in
            starts[place] = min(starts[place], beats - len(starts) + place)
        unit = bar.ticks // beats
        return tuple((at * unit, chord) for at, (_, chord) in zip(starts, chords, strict=True))

    def _chord(self, text: str) -> None:
        if text.startswith("W"):
            if self.chord == NO_CHORD or text == "W":
                self._cell(None)
                return
            root = parse_chord("C" + text[1:]).bass or 0
            bass = None if root == self.chord.root else root
            self.chord = replace(self.chord, bass=bass)
        else:
            try:
                self.chord = parse_chord(text.replace("*", ""))
            except DataError as error:
                raise DataError(f"bar {len(self.bars) + 1}: {error}") from error
        self._cell(self.chord)

    def _cell(self, chord: Chord | None) -> None:
        self.cells.append(chord)
        self.blank = self.blank and chord is None

    def _sign(self, text: str) -> None:
        match text:
            case " ":
                self.cells.append(None)
            case "p":
                self._cell(None)
                self.blank = False
            case "n":
                self.chord = NO_CHORD
                self._cell(NO_CHORD)
            case "x" | "r":
                self.repeated = 1 if text == "x" else 2
            case "S":
                self.marks["segno"] = True
            case "Q":
                self._coda()
            case _:
                self._on_bar(last=True)

    def _coda(self) -> None:
        """A coda sign in front of the chords of its bar or behind them."""
        inside = any(cell is not None for cell in self.cells) or self.repeated
        self.marks["coda"] = "behind" if inside else "before"

    def _on_bar(self, **marks: Any) -> None:
        """Marks of the bar that is being read, or of the last one behind a closed line."""
        if not (self.blank and self.bars) or self.repeated:
            self.marks.update(marks)
        else:
            self.bars[-1] = replace(self.bars[-1], **marks)

    def _line(self, text: str) -> None:
        self.end_bar()
        if text == "{":
            self.marks["begins_repeat"] = True
        if text == "}" and self.bars:
            self._close_repeat()
        self.blank = text in "]}Z"

    def _close_repeat(self) -> None:
        """The last bar ends a repeat, and says how often it is played if a bar in it did."""
        begin = end = len(self.bars) - 1
        while begin and not (self.bars[begin].begins_repeat or self.bars[begin - 1].ends_repeat):
            begin -= 1
        times = max((bar.times for bar in self.bars[begin:] if bar.times != 2), default=2)
        for place in range(begin, end):
            self.bars[place] = replace(self.bars[place], times=2)
        self.bars[end] = replace(self.bars[end], ends_repeat=True, times=times)

    def _meter(self, text: str) -> None:
        digits = text[1:]
        upper, lower = _METERS.get(digits, (int(digits[0]), int(digits[1])))
        if lower not in (1, 2, 4, 8) or not upper:
            raise DataError(f"{text} is no meter")
        self.meter = (upper, lower)

    def _section(self, text: str) -> None:
        names = {"i": "Intro", "v": "Verse", "V": "Verse"}
        self.marks["section"] = names.get(text[1], text[1])

    def _ending(self, text: str) -> None:
        number = int(text[1])
        if self.blank:
            self.cells.clear()  # what fills up the line behind a closed one is no beat of this bar
        self.marks["ending"] = frozenset({number}) if number else frozenset()

    def _aside(self, text: str) -> None:
        remark = "its alternate chords in brackets are left out"
        if text.startswith("(") and remark not in self.remarks:
            self.remarks.append(remark)

    def _words(self, text: str) -> None:
        said = plain_words(text)
        if found := read_jump(said):
            jump, whole = found
            self._on_bar(jump=jump)
            if not whole:
                self.remarks.append(f"its words {said!r} are read as {jump}")
        elif is_fine(said):
            self._on_bar(fine=True)
        elif times := read_times(said):
            self._on_bar(times=times)
        elif is_of_form(said):
            self.unread.append(said)

    def told(self) -> tuple[str, ...]:
        """What of the song is not played as it is written; words beside a coda sign only name
        it."""
        signed = any(bar.coda for bar in self.bars)
        unread = [said for said in self.unread if not (signed and "coda" in said.lower())]
        unread += [f"{bar.times}x" for bar in self.bars if bar.times != 2 and not bar.ends_repeat]
        return (*self.remarks, *(f"its words {said!r} are not followed" for said in unread))
