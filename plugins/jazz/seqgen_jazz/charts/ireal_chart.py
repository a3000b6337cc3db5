"""iReal charts: the cells of a song as bars with chords on their beats, in playing order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar, Chart, parse_key
from seqgen_jazz.charts.chart_parser import unfolded_chart
from seqgen_jazz.charts.ireal_link import IRealSong
from seqgen_jazz.charts.repeats import Jump, WrittenBar
from seqgen_jazz.harmony.chord import NO_CHORD, Chord
from seqgen_jazz.harmony.chord_parser import parse_chord

_TOKEN: Final = re.compile(
    r"(?P<meter>T\d\d)"
    r"|(?P<section>\*[A-Za-z])"
    r"|(?P<ending>N\d)"
    r"|(?P<direction><[^>]*>)"
    r"|(?P<ignored>\([^)]*\)|[slYf,]|\n|\r|\")"
    r"|(?P<chord>(?:[A-G][b#]?(?:\*[^*]*\*|sus|alt|add|maj|[-+^ohø]|[b#]?\d|/(?=\d))*|W)"
    r"(?:/[A-G][b#]?)?)"
    r"|(?P<sign>[xrnpSQU ])"
    r"|(?P<line>[\[\]{}|Z])"
)
_METERS: Final = {"12": (12, 8)}
#: D.C. and D.S. with their target, in any common spelling.
_JUMP: Final = re.compile(
    r"\b(?:D(?:\.\s?)?(?=[CS]\b)|(?=da\s+capo|dal\s+segno))"
    r"(?P<back>da\s+capo|dal\s+segno|[CS]\b)\.?"
    r"(?P<to>\s*(?:al|to)\s+(?:the\s+)?(?:(?P<sign>coda|fine)\b|(?P<pass>[1-9])\s?\w*\s+end))?",
    re.IGNORECASE,
)
_TARGET: Final = re.compile(r"\s*(?:al|to)\b", re.IGNORECASE)
#: Words that concern the form.
_FORM: Final = re.compile(r"\bD(?:\.\s?)?[CS]\b|\bda\s+capo|\bsegno|\bcoda|\bfine\b", re.IGNORECASE)
_FINE: Final = re.compile(r"\bfine\b", re.IGNORECASE)
_TIMES: Final = re.compile(r"\b(\d)x\b", re.IGNORECASE)
#: The vertical position before the words of a direction: "*18Fine".
_POSITION: Final = re.compile(r"^<\*\d\d")


def ireal_chart(song: IRealSong) -> Chart:
    """The chart of one chorus of a song.

    A cell is not a beat; ``_beats`` maps the cells of a bar to beats.

    Raises:
        DataError: A sign or a chord cannot be read; the message names the song and the bar.
    """
    try:
        reader = _CellReader()
        for kind, text in _tokens(song.music):
            getattr(reader, f"_{kind}")(text)
        reader.end_bar()
        if not reader.bars:
            raise DataError("it has no bars")
        key, tempo = parse_key(song.key) if song.key else None, float(song.tempo) or None
        labels = {"title": song.title, "composer": song.composer, "style": song.style}
        remarks = reader.all_remarks()
        return unfolded_chart(reader.bars, **labels, key=key, tempo=tempo, remarks=remarks)
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
    """The beats of chords in some of the cells of a bar.

    With four cells and up to four beats, cell and beat are the same; with more cells than beats,
    cells are shares of the bar. With fewer cells, a chord lasts its cell and the empty cells after
    it as beats, and the remaining beats go to the chords in turn: 3+2 for two chords in 5/4.
    """
    if cells == 4 and beats <= 4:
        return places
    if cells >= beats:
        return [-(-place * beats // cells) for place in places]
    share, extra = divmod(beats - cells, max(1, len(places)))
    more = (share + (number < extra) for number in range(len(places) - 1))
    shifts = accumulate(more, initial=0)
    return [place + shift for place, shift in zip(places, shifts, strict=False)]


def _parse_jump(words: str) -> tuple[Jump, bool] | None:
    """The jump in words ("D.S. al Coda", "D.C. al 2nd End"), and whether its target is known; None
    if they contain no jump."""
    found = _JUMP.search(words)
    if found is None:
        return None
    sign = (found["sign"] or "").lower()
    jump = Jump(
        "s" in found["back"].lower(),
        "coda" if sign == "coda" else "fine" if sign == "fine" else "",
        int(found["pass"] or 0),
    )
    return jump, bool(found["to"]) or not _TARGET.match(words, found.end())


@final
@dataclass(slots=True)
class _CellReader:
    """Collects the cells of a bar; None is an empty cell or one that holds the previous chord."""

    meter: tuple[int, int] = (4, 4)
    bars: list[WrittenBar] = field(default_factory=list)
    cells: list[Chord | None] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    #: How many bars back the current bar repeats; 0 for none.
    repeated: int = 0
    #: 1 after the first of two bars that repeat the two before them.
    pending: int = 0
    blank: bool = True
    chord: Chord = NO_CHORD
    remarks: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def end_bar(self) -> None:
        """Append the bar of the cells so far; blanks after a closing line are no bar."""
        cells, self.cells = self.cells, []
        filled = any(cell is not None for cell in cells) or self.repeated
        if not filled and (self.blank or not cells):
            return
        if filled and self.pending:
            self.pending = 0
            self._append(self._repeated_changes(2))
        if self.repeated or (self.pending and not filled):
            changes = self._repeated_changes(self.repeated or 2)
            self.pending = int(self.repeated == 2)
        else:
            changes = self._changes(cells)
        self._append(changes)

    def _append(self, changes: tuple[tuple[int, Chord], ...]) -> None:
        self.bars.append(WrittenBar(Bar(changes, self.meter), **self.marks))
        self.marks, self.repeated = {}, 0

    def _repeated_changes(self, back: int) -> tuple[tuple[int, Chord], ...]:
        if len(self.bars) < back:
            raise DataError(f"bar {len(self.bars) + 1} repeats the bar {back} bars before it")
        # A bar of a shorter meter repeats only the beginning.
        ticks = Bar((), self.meter).ticks
        return tuple(change for change in self.bars[-back].bar.changes if change[0] < ticks)

    def _changes(self, cells: list[Chord | None]) -> tuple[tuple[int, Chord], ...]:
        """The chords of a bar at the beats of their cells; two at one beat are moved apart."""
        bar = Bar((), self.meter)
        chords = [(place, chord) for place, chord in enumerate(cells) if chord is not None]
        # More chords than felt beats are on the undotted beats of 6/8, 9/8 and 12/8.
        beats = bar.beats if len(chords) <= bar.beats else self.meter[0]
        if len(chords) > beats:
            number = len(self.bars) + 1
            raise DataError(f"bar {number} has {len(chords)} chords in {beats} beats")
        starts: list[int] = []
        for beat in _beats([place for place, _ in chords], len(cells), beats):
            starts.append(max(beat, starts[-1] + 1 if starts else 0))
        for place in range(len(starts)):  # move chords past the end back into the bar
            starts[place] = min(starts[place], beats - len(starts) + place)
        unit = bar.ticks // beats
        return tuple((at * unit, chord) for at, (_, chord) in zip(starts, chords, strict=True))

    def _chord(self, text: str) -> None:
        if text.startswith("W"):
            if self.chord == NO_CHORD or text == "W":
                self._add_cell(None)
                return
            root = parse_chord("C" + text[1:]).bass or 0
            self.chord = replace(self.chord, bass=None if root == self.chord.root else root)
        else:
            try:
                self.chord = parse_chord(text.replace("*", ""))
            except DataError as error:
                raise DataError(f"bar {len(self.bars) + 1}: {error}") from error
        self._add_cell(self.chord)

    def _add_cell(self, chord: Chord | None) -> None:
        self.cells.append(chord)
        self.blank = self.blank and chord is None

    def _sign(self, text: str) -> None:
        match text:
            case " ":
                self.cells.append(None)
            case "p":
                self._add_cell(None)
                self.blank = False
            case "n":
                self.chord = NO_CHORD
                self._add_cell(NO_CHORD)
            case "x" | "r":
                self.repeated = 1 if text == "x" else 2
            case "S":
                self.marks["segno"] = True
            case "Q":  # a coda sign before the chords of its bar or after them
                inside = any(cell is not None for cell in self.cells) or self.repeated
                self.marks["coda"] = "after" if inside else "before"
            case _:
                self._mark_bar(last=True)

    def _mark_bar(self, **marks: Any) -> None:
        """Add marks to the current bar, or after a closing line to the last one."""
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
        """Let the last bar end a repeat, which is played as often as a bar in it says."""
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
            self.cells.clear()  # padding after a closing line is no beat of this bar
        self.marks["ending"] = frozenset({number}) if number else frozenset()

    def _ignored(self, text: str) -> None:
        remark = "its alternate chords in brackets are skipped"
        if text.startswith("(") and remark not in self.remarks:
            self.remarks.append(remark)

    def _direction(self, text: str) -> None:
        words = " ".join(_POSITION.sub("", text).strip("<>").split())
        if found := _parse_jump(words):
            jump, complete = found
            self._mark_bar(jump=jump)
            if not complete:
                self.remarks.append(f"its direction {words!r} is read as {jump}")
        elif _FINE.search(words):
            self._mark_bar(fine=True)
        elif times := _TIMES.search(words):
            self._mark_bar(times=max(2, int(times[1])))
        elif _FORM.search(words):
            self.unread.append(words)

    def all_remarks(self) -> tuple[str, ...]:
        """The parts of the song that are not played as written. Words that only label a coda sign
        are left unmentioned."""
        signed = any(bar.coda for bar in self.bars)
        unread = [words for words in self.unread if not (signed and "coda" in words.lower())]
        unread += [f"{bar.times}x" for bar in self.bars if bar.times != 2 and not bar.ends_repeat]
        return (*self.remarks, *(f"its direction {words!r} is not followed" for words in unread))
