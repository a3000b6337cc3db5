"""Chart: bars with meters and chord changes, its text form, and its key."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Final

from seqgen import DataError
from seqgen_jazz.harmony.chord import NO_CHORD, Chord
from seqgen_jazz.harmony.chord_parser import parse_chord

#: Ticks in a quarter note, the time grid of the plugin. It represents thirds, quarters and eighths
#: of a beat exactly (93 % of the onsets of real solos are on a 12th of a beat).
TICKS_PER_QUARTER = 24
#: The fields of a chart that its text contains as ``name: value`` lines before the bars.
LABELS: Final = ("title", "composer", "style", "key", "tempo")
#: Begins a comment line with one of ``Chart.remarks``.
REMARK_PREFIX: Final = "# not as written: "
#: Styles with even eighths.
_EVEN_STYLES: Final = (
    *("bossa", "samba", "latin", "afro", "calypso", "even", "straight", "ecm", "choro", "baiao"),
    *("salsa", "bolero", "rumba", "rhumba", "mambo", "cha cha", "cha-cha", "beguine", "merengue"),
    *("tango", "rock", "funk", "reggae"),
)
#: Words in the style of a chart -> the nearest shipped style of the band.
_BAND_STYLES: Final = (
    (_EVEN_STYLES, "bossa"),
    (("ballad",), "ballad"),
    (("waltz",), "waltz"),
    (("blues", "shuffle"), "blues"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its meter and its chord changes.

    Args:
        changes: ``(tick in the bar, chord)``, ascending. When empty, the previous chord continues.
        meter: Beats and beat unit, such as ``(4, 4)``. A pickup is a first bar of a shorter meter.
    """

    changes: tuple[tuple[int, Chord], ...] = ()
    meter: tuple[int, int] = (4, 4)

    @property
    def ticks(self) -> int:
        """The length of the bar in ticks."""
        return self.meter[0] * 4 * TICKS_PER_QUARTER // self.meter[1]

    @property
    def beats(self) -> int:
        """The number of felt beats: the upper number, or a third of it in 6/8, 9/8 and 12/8."""
        return self.meter[0] // 3 if self.is_compound else self.meter[0]

    @property
    def is_compound(self) -> bool:
        """Whether the felt beats are dotted, as in 6/8, 9/8 and 12/8."""
        upper, lower = self.meter
        return lower >= 8 and upper > 3 and upper % 3 == 0

    @property
    def beat_ticks(self) -> int:
        """The length of a felt beat in ticks."""
        return self.ticks // self.beats

    def transpose(self, semitones: int) -> Bar:
        """The same bar ``semitones`` higher."""
        changes = tuple((tick, chord.transpose(semitones)) for tick, chord in self.changes)
        return replace(self, changes=changes)

    def spread(self, count: int) -> tuple[int, ...] | None:
        """The start ticks of ``count`` chords that share the bar, in full beats if there are
        enough, earlier chords longer; None if the bar cannot be divided evenly."""
        if count > self.beats:
            if count % self.beats or self.ticks % count:
                return None
            return tuple(range(0, self.ticks, self.ticks // count))
        share, extra = divmod(self.beats, count)
        lengths = [(share + (place < extra)) * self.beat_ticks for place in range(count)]
        return tuple(accumulate(lengths[:-1], initial=0))

    @property
    def text(self) -> str:
        """The chords as text, in the shortest form that ``parse_chart`` parses back exactly."""
        if not self.changes:
            return "/"
        ticks, chords = zip(*self.changes, strict=True)
        names = [chord.text for chord in chords]
        if self.spread(len(names)) == ticks:
            return " ".join(names)
        beat = self.beat_ticks
        if all(tick % beat == 0 for tick in ticks):
            entries = dict(zip(ticks, names, strict=True))
            return " ".join(entries.get(number * beat, "/") for number in range(self.beats))
        return " ".join(
            f"{name}@{tick // beat + 1}" + (f"+{tick % beat}" if tick % beat else "")
            for tick, name in zip(ticks, names, strict=True)
        )


@dataclass(frozen=True)
class Chart:
    """The chart that a solo is played over. Charts with the same bars are equal.

    Args:
        bars: The bars in the order in which they are played, repeats written out.
        title: Title of the tune.
        composer: Composer; empty if unknown.
        style: Style in the words of the chart ("Medium Swing", "Bossa Nova"); empty if unknown.
        key: Tonic triad, major or minor; None if unknown.
        tempo: Quarter notes per minute; None if unknown.
        sections: ``(index of a bar, "A")`` for each section mark, every time it is played.
        remarks: Parts of the written chart that are not played, with the reason.
    """

    bars: tuple[Bar, ...]
    title: str = field(default="", compare=False)
    composer: str = field(default="", compare=False)
    style: str = field(default="", compare=False)
    key: Chord | None = field(default=None, compare=False)
    tempo: float | None = field(default=None, compare=False)
    sections: tuple[tuple[int, str], ...] = field(default=(), compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def bar_starts(self) -> tuple[int, ...]:
        """The tick at which each bar starts, followed by the tick at which the chart ends."""
        return (0, *accumulate(bar.ticks for bar in self.bars))

    @property
    def ticks(self) -> int:
        """The length of the chart in ticks."""
        return self.bar_starts[-1]

    @cached_property
    def pickup(self) -> int:
        """1 if the first bar is a pickup: shorter than the two equal bars after it; else 0.

        Only lengths count, not the unit: an eighth can lead into 4/4. A first bar with dotted
        beats, as in 6/8, leads only into a compound meter.

        A bar of the length of the pickup may occur again only next to one that it completes to a
        full bar, where the last bar of a chorus leaves room for it. Otherwise short bars are part
        of the form.
        """
        if len(self.bars) < 3 or self.bars[1].meter != self.bars[2].meter:
            return 0
        full, lengths = self.bars[1], [bar.ticks for bar in self.bars]
        first, rest = lengths[0], full.ticks - lengths[0]
        if rest <= 0 or (self.bars[0].is_compound and not full.is_compound):
            return 0
        neighbours = zip(lengths[2:], lengths[3:], [*lengths[4:], first], strict=False)
        return int(
            all(
                before == rest or (first, after) == (rest, first)
                for before, length, after in neighbours
                if length == first
            )
        )

    @property
    def first_full_bar(self) -> int:
        """The tick at which the first full bar starts: the end of the pickup, 0 without one."""
        return self.bar_starts[self.pickup]

    @cached_property
    def section_bars(self) -> tuple[tuple[int, str], ...]:
        """The sections; a mark on a pickup counts for the full bar after it."""
        return tuple((max(at, self.pickup), name) for at, name in self.sections)

    @cached_property
    def changes(self) -> tuple[tuple[int, Chord], ...]:
        """Every chord change as ``(tick, chord)``, from tick 0 (N.C. if no chord begins there)."""
        found = [
            (start + tick, chord)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            for tick, chord in bar.changes
        ]
        if not found or found[0][0] > 0:
            found.insert(0, (0, NO_CHORD))
        return tuple(found)

    @cached_property
    def _change_ticks(self) -> tuple[int, ...]:
        return tuple(tick for tick, _ in self.changes)

    def chord_at(self, tick: int) -> Chord:
        """The chord that sounds at ``tick``; after the end, the last one."""
        return self.change_at(tick)[1]

    def change_at(self, tick: int) -> tuple[int, Chord]:
        """The change whose chord sounds at ``tick``."""
        return self.changes[max(0, bisect_right(self._change_ticks, tick) - 1)]

    def bar_at(self, tick: int) -> int:
        """The index of the bar that contains ``tick``; after the end, the last one."""
        return min(len(self.bars), max(1, bisect_right(self.bar_starts, tick))) - 1

    def transpose(self, semitones: int) -> Chart:
        """The same chart ``semitones`` higher."""
        bars = tuple(bar.transpose(semitones) for bar in self.bars)
        key = None if self.key is None else self.key.transpose(semitones)
        return replace(self, bars=bars, key=key)

    @property
    def chorus_bars(self) -> int:
        """The bars of each chorus after the first. A pickup is played only before the first
        chorus, unless the last bar is shorter by its length."""
        fits = self.pickup and self.bars[0].ticks + self.bars[-1].ticks == self.bars[1].ticks
        return len(self.bars) - (0 if fits else self.pickup)

    def repeat(self, times: int) -> Chart:
        """``times`` choruses of the chart, see ``chorus_bars``."""
        return self.loop(len(self.bars) + self.chorus_bars * (times - 1))

    def loop(self, bars: int) -> Chart:
        """The chart from its beginning, repeated or cut to ``bars`` bars."""
        length = self.chorus_bars
        skipped = len(self.bars) - length
        first, *others = self.bars[skipped:]
        if not first.changes or first.changes[0][0] > 0:
            # Otherwise the last chord of the form would continue into the next chorus.
            start = (0, self.chord_at(self.bar_starts[skipped]))
            first = replace(first, changes=(start, *first.changes))
        more = max(0, -(-(bars - len(self.bars)) // length))
        later = [
            (max(at, self.pickup) + length * chorus, name)
            for chorus in range(1, more + 1)
            for at, name in self.sections
        ]
        sections = tuple((at, name) for at, name in (*self.sections, *later) if at < bars)
        return replace(self, bars=(self.bars + (first, *others) * more)[:bars], sections=sections)

    @property
    def band_style(self) -> str:
        """The shipped band style nearest to the style of the chart ("Bossa Nova" -> bossa).

        Without a known style: a waltz if the first full bar is in three, else swing.
        """
        for words, style in _BAND_STYLES:
            if any(word in self.style.lower() for word in words):
                return style
        return "waltz" if self.bars[self.pickup].meter in ((3, 4), (6, 4)) else "swing"

    @property
    def text(self) -> str:
        """Bars and section marks as text; ``parse_chart`` parses it to an equal chart."""
        sections = dict(self.sections)
        parts: list[str] = []
        previous = Bar()
        for number, bar in enumerate(self.bars):
            mark = f"[{sections[number]}] " if number in sections else ""
            meter = "" if bar.meter == previous.meter else f"{bar.meter[0]}/{bar.meter[1]}: "
            same = bar == previous and bar.changes
            parts.append(mark + meter + ("%" if same else bar.text))
            previous = bar
        return " | ".join(parts)

    @property
    def sheet(self) -> str:
        """``text`` after lines for remarks, title, composer, style, key and tempo."""
        values = {name: getattr(self, name) for name in LABELS}
        if self.tempo is not None:
            values["tempo"] = f"{self.tempo:.10g}"
        lines = [REMARK_PREFIX + " ".join(remark.split()) for remark in self.remarks]
        lines += [f"{name}: {' '.join(str(v).split())}" for name, v in values.items() if v]
        return "\n".join([*lines, "", self.text] if lines else [self.text])

    def __str__(self) -> str:
        return self.text


_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
#: Weight of the first and of the last chord when it can be the tonic, as a share of the length of
#: the chart.
_TONIC_WEIGHT = 0.2


def parse_key(text: str) -> Chord:
    """Parse a key such as ``Bb``, ``Dm``, ``D-`` or ``F minor`` to its tonic triad.

    Raises:
        DataError: The text is no major or minor key.
    """
    key = parse_chord(text.replace(" ", ""))
    if key.root < 0 or key.quality not in ("", "m") or key.bass is not None:
        raise DataError(f"a key is a major or minor triad such as Bb or Dm, was {text!r}")
    return key


def estimate_key(chart: Chart) -> tuple[int, bool]:
    """The pitch class of the tonic and whether the key is minor.

    The key that the chart names, if any. Otherwise the key whose scale contains the most chord
    tones, each chord weighted by its duration, with extra weight for a first and a last chord
    that can be the tonic. Charts without chords are in C.
    """
    if chart.key is not None:
        return chart.key.root, 3 in chart.key.intervals
    ends = [*chart.changes[1:], (chart.ticks, chart.changes[-1][1])]
    spans = [
        (chord, end - start)
        for (start, chord), (end, _) in zip(chart.changes, ends, strict=True)
        if chord.root >= 0
    ]
    if not spans:
        return 0, False
    total = sum(ticks for _, ticks in spans)

    def score(key: tuple[int, bool]) -> float:
        tonic, minor = key
        scale = key_scale(tonic, minor)
        fit = sum(
            ticks * len(scale & set(chord.chord_tones)) / len(chord.chord_tones)
            for chord, ticks in spans
        )
        for chord in (spans[0][0], spans[-1][0]):
            is_tonic = chord.root == tonic and (3 in chord.intervals) == minor
            fit += _TONIC_WEIGHT * total * is_tonic
        return fit

    return max(((tonic, minor) for tonic in range(12) for minor in (False, True)), key=score)


def key_scale(tonic: int, minor: bool) -> frozenset[int]:
    """The pitch classes of a key: major or natural minor."""
    return frozenset((tonic + step) % 12 for step in (_MINOR if minor else _MAJOR))
