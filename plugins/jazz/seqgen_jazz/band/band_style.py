"""Styles of the band, read from TOML files, the patterns in them, and the notes of a part."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple, final

from seqgen import DataError
from seqgen_jazz.band.meter_and_swing import (
    MAX_BEATS,
    MAX_SOLO_RATIO,
    BeatGroup,
    SwingRatios,
    drum_ratio,
    parse_swing,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


#: The possible numbers of divisions of a beat.
DIVISIONS = (1, 2, 3, 4, 6)
HOLD, REST = "-", "."
#: Factor of the velocity of an accent, a plain stroke and a ghost note.
ACCENTS = {"X": 1.2, "x": 1.0, "o": 0.55}


@final
class Stroke(NamedTuple):
    """A symbol of a pattern over a beat group.

    Args:
        symbol: The symbol.
        beat: The beat of the group.
        start: Tick of the chart.
        end: The tick at which it and the holds after it end.
        on_beat: Whether it is on the beat.
        swings: Whether it is between the halves of a beat, so that swing moves it.
    """

    symbol: str
    beat: int
    start: int
    end: int
    on_beat: bool
    swings: bool


@lru_cache(maxsize=1024)
def parse_pattern(text: str, beats: int, symbols: str) -> tuple[str, ...]:
    """The beats of a pattern; the symbols of a beat divide it evenly.

    Args:
        text: Beats separated by spaces, such as ``X. xx X. xx``; ``x.x`` is a triplet.
        beats: The expected number of beats.
        symbols: The valid symbols, besides ``.`` for a rest and ``-`` for a hold.

    Raises:
        DataError: Another number of beats, an unknown symbol, or a beat in 5 parts.
    """
    found = tuple(text.split())
    if len(found) != beats:
        raise DataError(f"{text!r} has {len(found)} beats; {beats} are expected")
    valid = symbols + HOLD + REST
    for beat in found:
        if len(beat) not in DIVISIONS:
            parts = ", ".join(map(str, DIVISIONS))
            raise DataError(f"{beat!r} in {text!r} has {len(beat)} parts; a beat has {parts}")
        for symbol in beat:
            if symbol not in valid:
                raise DataError(
                    f"{symbol!r} in {text!r} is not a symbol of this part; valid are "
                    f"{' '.join(valid)}"
                )
    return found


def strokes(beats: tuple[str, ...], group: BeatGroup) -> list[Stroke]:
    """The strokes of a pattern over a beat group of as many beats. A beat of three eighths swings
    by itself: two symbols are two eighths and one."""
    found: list[Stroke] = []
    for beat, (symbols, start, length) in enumerate(
        zip(beats, group.starts, group.lengths, strict=True)
    ):
        parts = len(symbols)
        ticks = [start + _offset(part, parts, length) for part in range(parts + 1)]
        for part, symbol in enumerate(symbols):
            if symbol == HOLD and found and found[-1].end == ticks[part]:
                found[-1] = found[-1]._replace(end=ticks[part + 1])
            elif symbol not in (HOLD, REST):
                swings = parts % 2 == 0 and part > 0
                found.append(Stroke(symbol, beat, ticks[part], ticks[part + 1], part == 0, swings))
    return found


def _offset(part: int, parts: int, length: int) -> int:
    """The tick in a beat at which one of its parts begins."""
    if parts == 2 and length % 36 == 0 and part == 1:
        return length * 2 // 3
    return length * part // parts


#: The shipped styles.
STYLES: Final = ("swing", "bossa", "ballad", "blues", "waltz")
#: Drums by their names in a style file, with their General MIDI notes.
DRUMS: Final = {
    **{"kick": 36, "stick": 37, "snare": 38, "hat": 42, "pedal": 44, "open": 46},
    **{"crash": 49, "ride": 51, "bell": 53, "tom": 45, "shaker": 82},
}
VOICINGS: Final = ("rootless", "shell")
_STROKES, _BASS_SYMBOLS = "Xxo", "RT3578csa"

#: Number of beats -> the patterns to choose from, each as its beats.
Bars = Mapping[int, tuple[tuple[str, ...], ...]]


@final
@dataclass(frozen=True)
class PartStyle:
    """The style of a part.

    Args:
        bars: Its patterns; of the bass, by the beats of a chord in a bar.
        velocity: Of a plain stroke, 1 to 127.
        delay: Milliseconds after the beat; below 0 before it.
        jitter: The maximum random delay in milliseconds, either way.
    """

    bars: Bars
    velocity: int
    delay: float
    jitter: float


@final
@dataclass(frozen=True)
class Style:
    """The style of a band.

    Args:
        name: Its name.
        even: Whether eighths are even at any tempo.
        swing_limit: The maximum ratio of the long to the short eighth.
        comp: Of the keyboard.
        voicing: "rootless" or "shell".
        bass: Of the bass.
        drums: By name in ``DRUMS``.
        fills: The drums of the last bar of a section, by name; empty for none.
    """

    name: str
    even: bool
    swing_limit: float
    comp: PartStyle
    voicing: str
    bass: PartStyle
    drums: Mapping[str, PartStyle]
    fills: Mapping[str, PartStyle]

    def swing_ratios(self, swing: str, tempo: float) -> SwingRatios:
        """The ratios of band and soloist at a tempo.

        Args:
            swing: As ``Performance.swing``; a number applies to all parts.
            tempo: Quarter notes a minute.

        Raises:
            SettingError: ``swing`` is neither "auto" nor 0 nor a ratio from 1 to 4.
        """
        ratio = parse_swing(swing)
        if ratio is not None:
            return SwingRatios(ratio, ratio)
        if self.even:
            return SwingRatios(1.0, 1.0)
        band = min(drum_ratio(tempo), self.swing_limit)
        return SwingRatios(band, min(MAX_SOLO_RATIO, 1 + (band - 1) / 2))


def shipped_style_text(name: str) -> str:
    """The TOML text of a shipped style."""
    path = files("seqgen_jazz") / "data" / "styles" / f"{name}.toml"
    return path.read_text(encoding="utf-8")


def parse_style(text: str, where: str) -> Style:
    """The style in a TOML text.

    Raises:
        DataError: The text is not TOML, or a key is missing, unknown or has an invalid value; the
            message names the file and the key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{where}: {error}") from None
    reader = _Reader(where)
    names = ("name", "even", "swing_limit", "comp", "bass", "drums")
    reader.check_keys(table, "", names, (*names, "fills"))
    comp, bass = reader.typed(table, "comp", dict), reader.typed(table, "bass", dict)
    voicing = comp.get("voicing")
    if voicing not in VOICINGS:
        raise DataError(
            f"{where}: comp.voicing must be one of {', '.join(VOICINGS)}, was {voicing!r}"
        )
    return Style(
        reader.typed(table, "name", str),
        reader.typed(table, "even", bool),
        reader.number(table, "swing_limit", 1.0, 4.0),
        reader.part(comp, "comp.", _STROKES, complete=True, extra=("voicing",)),
        voicing,
        reader.part(bass, "bass.", _BASS_SYMBOLS, complete=True),
        reader.kit(table, "drums"),
        reader.kit(table, "fills") if "fills" in table else {},
    )


@final
class _Reader:
    """Reads values from tables; errors name the file and the key, with ``at`` as its prefix."""

    def __init__(self, where: str) -> None:
        self._where = where

    def check_keys(
        self, table: Mapping[str, Any], at: str, needed: tuple[str, ...], known: tuple[str, ...]
    ) -> None:
        for name in table:
            if name not in known:
                raise DataError(
                    f"{self._where}: unknown key {at}{name}; known are {', '.join(known)}"
                )
        for name in needed:
            if name not in table:
                raise DataError(f"{self._where}: the key {at}{name} is missing")

    def typed(self, table: Mapping[str, Any], name: str, kind: type, at: str = "") -> Any:
        value = table[name]
        if type(value) is not kind:
            raise DataError(f"{self._where}: {at}{name} must be {kind.__name__}, was {value!r:.60}")
        return value

    def number(
        self, table: Mapping[str, Any], name: str, low: float, high: float, at: str = ""
    ) -> float:
        value = table[name]
        if type(value) not in (int, float) or not low <= value <= high:
            raise DataError(
                f"{self._where}: {at}{name} must be a number from {low:g} to {high:g}, "
                f"was {value!r:.60}"
            )
        return float(value)

    def part(
        self,
        table: Mapping[str, Any],
        at: str,
        symbols: str,
        complete: bool = False,
        extra: tuple[str, ...] = (),
    ) -> PartStyle:
        """A part; ``complete`` requires patterns of every number of beats."""
        beats = tuple(map(str, range(1, MAX_BEATS + 1)))
        numbers = ("velocity", "late_ms", "jitter_ms")
        needed = numbers + beats if complete else numbers
        self.check_keys(table, at, needed, (*numbers, *beats, *extra))
        bars = {
            int(count): self._patterns(table[count], f"{at}{count}", int(count), symbols)
            for count in beats
            if count in table
        }
        return PartStyle(
            bars,
            round(self.number(table, "velocity", 1, 127, at)),
            self.number(table, "late_ms", -50, 50, at),
            self.number(table, "jitter_ms", 0, 30, at),
        )

    def _patterns(
        self, value: Any, at: str, beats: int, symbols: str
    ) -> tuple[tuple[str, ...], ...]:
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            example = " ".join([f"{symbols[0]}."] * beats)
            raise DataError(
                f"{self._where}: {at} must be a list of patterns such as {example!r}, "
                f"was {value!r:.60}"
            )
        try:
            return tuple(parse_pattern(text, beats, symbols) for text in value)
        except DataError as error:
            raise DataError(f"{self._where}: {at}: {error}") from None

    def kit(self, table: Mapping[str, Any], name: str) -> dict[str, PartStyle]:
        kit = self.typed(table, name, dict)
        self.check_keys(kit, f"{name}.", (), tuple(DRUMS))
        return {
            drum: self.part(self.typed(kit, drum, dict, f"{name}."), f"{name}.{drum}.", _STROKES)
            for drum in kit
        }


@final
class BandNote(NamedTuple):
    """A note on the grid of 24 ticks per quarter note.

    Args:
        start: Tick of the chart.
        end: The tick at which it ends.
        pitch: MIDI pitch.
        velocity: 1 to 127.
        delay: Milliseconds after the beat.
        swings: Whether swing moves its start.
    """

    start: int
    end: int
    pitch: int
    velocity: int
    delay: float = 0.0
    swings: bool = False


def vary_velocity(velocity: float, uniform: float) -> int:
    """A velocity with up to 7 % of variation either way, within 1 to 127."""
    return max(1, min(127, round(velocity * (1 + 0.14 * (uniform - 0.5)))))


def vary_delay(delay: float, jitter: float, uniform: float) -> float:
    """A delay in milliseconds with up to ``jitter`` of variation either way."""
    return delay + jitter * (2 * uniform - 1)


#: Random streams of a seed, one per part.
COMP_STREAM, BASS_STREAM, DRUM_STREAM, SOLO_STREAM, SYNTH_STREAM = range(5)
_DRAWS = 256


@lru_cache(maxsize=4096)
def uniforms(seed: int, part: int, bar: int) -> NDArray[np.float64]:
    """Uniforms in [0, 1) for a bar of a part, always the same; shape ``(256,)``, read-only.

    They are drawn from Philox keyed by seed, part and bar, so a change of one bar leaves the
    performance of all others unchanged.
    """
    from numpy.random import Generator, Philox

    drawn = Generator(Philox(key=[seed, part << 32 | bar])).random(_DRAWS)
    drawn.flags.writeable = False
    return drawn
