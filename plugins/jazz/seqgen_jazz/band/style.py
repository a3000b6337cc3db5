"""Style: how a band plays, read from a TOML file in which every pattern is text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.band.meter import LONGEST
from seqgen_jazz.band.pattern import read_pattern

#: The shipped styles.
STYLES: Final = ("swing", "bossa", "ballad", "blues", "waltz")
#: Drums by the names that a style file uses, with their General MIDI notes.
DRUMS: Final = {
    **{"kick": 36, "stick": 37, "snare": 38, "hat": 42, "pedal": 44, "open": 46},
    **{"crash": 49, "ride": 51, "bell": 53, "tom": 45, "shaker": 82},
}
VOICINGS: Final = ("rootless", "shell")
_STROKES, _STEPS = "Xxo", "RT3578csa"

#: Beats of a pattern -> the patterns to choose from, each as its beats.
Bars = Mapping[int, tuple[tuple[str, ...], ...]]


@final
@dataclass(frozen=True)
class PartStyle:
    """How one part plays.

    Args:
        bars: Its patterns; of the bass, by the beats that a chord lasts in a bar.
        velocity: Of a plain stroke, 1 to 127.
        late: Milliseconds behind the beat; below 0 before it.
        jitter: The most milliseconds that chance moves a stroke, either way.
    """

    bars: Bars
    velocity: int
    late: float
    jitter: float


@final
@dataclass(frozen=True)
class Style:
    """How a band plays.

    Args:
        name: What it is called.
        even: Whether eighths stay even at any tempo.
        swing_limit: The largest ratio of the long to the short eighth.
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


def shipped_style_text(name: str) -> str:
    """The TOML text of a shipped style."""
    path = files("seqgen_jazz") / "data" / "styles" / f"{name}.toml"
    return path.read_text(encoding="utf-8")


def read_style(text: str, where: str) -> Style:
    """The style in a TOML text.

    Raises:
        DataError: The text is no TOML, or a key is missing, unknown or has a wrong value; the
            message names the file and the key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{where}: {error}") from None
    reader = _Reader(where)
    names = ("name", "even", "swing_limit", "comp", "bass", "drums")
    reader.check_names(table, "", names, (*names, "fills"))
    comp, bass = reader.table(table, "comp"), reader.table(table, "bass")
    voicing = comp.pop("voicing", None)
    if voicing not in VOICINGS:
        raise DataError(
            f"{where}: comp.voicing must be one of {', '.join(VOICINGS)}, was {voicing!r}"
        )
    return Style(
        reader.of_type(table, "name", str),
        reader.of_type(table, "even", bool),
        reader.number(table, "swing_limit", 1.0, 4.0),
        reader.part(comp, "comp", _STROKES, whole=True),
        voicing,
        reader.part(bass, "bass", _STEPS, whole=True),
        reader.kit(table, "drums"),
        reader.kit(table, "fills") if "fills" in table else {},
    )


@final
class _Reader:
    """Takes values out of tables; each error names the file and the key."""

    def __init__(self, where: str) -> None:
        self._where = where

    def check_names(
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

    def of_type(self, table: Mapping[str, Any], name: str, kind: type, at: str = "") -> Any:
        value = table[name]
        if type(value) is not kind:
            raise DataError(f"{self._where}: {at}{name} must be {kind.__name__}, was {value!r:.60}")
        return value

    def table(self, table: Mapping[str, Any], name: str, at: str = "") -> dict[str, Any]:
        return dict(self.of_type(table, name, dict, at))

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

    def part(self, table: Mapping[str, Any], at: str, signs: str, whole: bool) -> PartStyle:
        """One part; a ``whole`` one needs patterns of every number of beats."""
        numbers = [str(beats) for beats in range(1, LONGEST + 1)]
        plain = ("velocity", "late_ms", "jitter_ms")
        needed = (*plain, *(numbers if whole else ()))
        self.check_names(table, f"{at}.", needed, (*plain, *numbers))
        bars = {
            int(beats): self._patterns(table[beats], f"{at}.{beats}", int(beats), signs)
            for beats in numbers
            if beats in table
        }
        return PartStyle(
            bars,
            round(self.number(table, "velocity", 1, 127, f"{at}.")),
            self.number(table, "late_ms", -50, 50, f"{at}."),
            self.number(table, "jitter_ms", 0, 30, f"{at}."),
        )

    def _patterns(self, value: Any, at: str, beats: int, signs: str) -> tuple[tuple[str, ...], ...]:
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            raise DataError(
                f"{self._where}: {at} must be a list of patterns such as "
                f"{' '.join([signs[0] + '.'] * beats)!r}, was {value!r:.60}"
            )
        try:
            return tuple(read_pattern(text, beats, signs) for text in value)
        except DataError as error:
            raise DataError(f"{self._where}: {at}: {error}") from None

    def kit(self, table: Mapping[str, Any], name: str) -> dict[str, PartStyle]:
        kit = self.table(table, name)
        self.check_names(kit, f"{name}.", (), tuple(DRUMS))
        return {
            drum: self.part(self.table(kit, drum, f"{name}."), f"{name}.{drum}", _STROKES, False)
            for drum in kit
        }
