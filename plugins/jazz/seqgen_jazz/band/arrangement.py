"""Parts: all that sounds when a solo is performed, each part with its channel and program."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.band.comping import comping
from seqgen_jazz.band.drums import drums
from seqgen_jazz.band.soloist import solo_notes
from seqgen_jazz.band.style import STYLES, Style, read_style, shipped_style_text
from seqgen_jazz.band.swing import SCALE, Clock, swing_of
from seqgen_jazz.band.voicings import window_for
from seqgen_jazz.encoding.instruments import find_instrument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seqgen_jazz.band.note_events import Hit
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.solo import Performance, Solo

#: The channel that General MIDI keeps for drums, from 0.
DRUM_CHANNEL = 9
_PIANO, _GUITAR, _BASS = 0, 26, 32
_SOLO, _COMP, _LOW = 0, 1, 2  # channels


@final
class Sound(NamedTuple):
    """A note as it sounds: start and end in ticks of 480 a quarter, pitch, velocity."""

    start: int
    end: int
    pitch: int
    velocity: int


@final
@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        name: Of its track.
        channel: MIDI channel from 0.
        program: General MIDI program from 0; of no meaning for drums.
        sounds: Ascending; none overlaps another of the same pitch.
    """

    name: str
    channel: int
    program: int
    sounds: tuple[Sound, ...]


def style_of(performance: Performance) -> Style:
    """The style that is named, or that is written out.

    Raises:
        DataError: The text is no style.
    """
    return _style(performance.style)


@lru_cache(maxsize=16)
def _style(style: str) -> Style:
    if style in STYLES:
        return read_style(shipped_style_text(style), f"{style}.toml")
    return read_style(style, "the style")


def parts(solo: Solo) -> list[Part]:
    """The parts of a solo's performance, the solo first.

    Without ``performance`` it is the line alone, exactly on its grid.
    """
    player = find_instrument(solo.instrument)
    name, performance = f"Solo ({player.name})", solo.performance
    if performance is None:
        plain = [Sound(n.onset * SCALE, n.end * SCALE, n.pitch, 90) for n in solo.notes]
        return [Part(name, _SOLO, player.program, tuple(plain))]
    style = style_of(performance)
    swing = swing_of(performance.swing, style, solo.tempo)
    line = [Sound(*sound) for sound in solo_notes(solo, swing.solo, performance.seed)]
    found = [Part(name, _SOLO, player.program, tidy(line, solo.chart.ticks * SCALE))]
    if not performance.band:
        return found
    clock = Clock(solo.chart, solo.tempo, swing.band)
    end = solo.chart.ticks * SCALE
    keyboard = ("Piano", _PIANO) if player.program != _PIANO else ("Guitar", _GUITAR)
    comp = _sounds(comping(solo.chart, style, performance.seed, window_for(player)), clock)
    found.append(Part(keyboard[0], _COMP, keyboard[1], tidy(comp, end)))
    if player.name != "bass":
        low = _sounds(bass_line(solo.chart, style, performance.seed), clock)
        found.append(Part("Bass", _LOW, _BASS, tidy(_alone(low), end)))
    sections = section_starts(solo.chart, performance.form)
    kit = _sounds(drums(solo.chart, style, performance.seed, sections), clock)
    found.append(Part("Drums", DRUM_CHANNEL, 0, tidy(kit, end)))
    return found


def section_starts(chart: Chart, form: int) -> set[int]:
    """The bars at which a section begins: every chorus and every section of the chart; where
    it has none, every eight bars of a chorus that is made of eights.

    Args:
        chart: All choruses.
        form: The bars of a chorus without a pickup; 0 where it is not known.
    """
    chorus = form or len(chart.bars) - chart.pickup
    step = 8 if chorus % 8 == 0 and not chart.sections else chorus
    return set(range(chart.pickup, len(chart.bars), step)) | {bar for bar, _ in chart.section_bars}


def _sounds(hits: Iterable[Hit], clock: Clock) -> list[Sound]:
    found = []
    for hit in hits:
        start = clock.place(hit.start, hit.swings) + clock.ticks(hit.late)
        end = clock.place(hit.end)
        found.append(Sound(round(start), round(end), hit.pitch, hit.velocity))
    return found


def _alone(sounds: list[Sound]) -> list[Sound]:
    """The sounds of a line, each ending where the next one begins."""
    return [
        sound if after is None else sound._replace(end=min(sound.end, after.start))
        for sound, after in zip(sounds, [*sounds[1:], None], strict=False)
    ]


def tidy(sounds: Iterable[Sound], end: int) -> tuple[Sound, ...]:
    """The sounds in order, within 0 and ``end``; one ends where its pitch is struck again, and
    of two strokes of a pitch at one tick the louder stays."""
    by_pitch: dict[int, list[Sound]] = defaultdict(list)
    for sound in sounds:
        start = min(max(0, sound.start), end - 1)
        stop = min(max(sound.end, start + 1), end)
        by_pitch[sound.pitch].append(sound._replace(start=start, end=stop))
    kept: list[Sound] = []
    for same in by_pitch.values():
        following: Sound | None = None
        for sound in sorted(same, key=lambda one: (-one.start, -one.velocity)):
            if following is not None and following.start == sound.start:
                continue
            if following is not None:
                sound = sound._replace(end=min(sound.end, following.start))
            kept.append(sound)
            following = sound
    return tuple(sorted(kept))
