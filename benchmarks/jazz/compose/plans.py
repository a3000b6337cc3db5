"""The plan of a chorus: phrases as groups of notes without pitches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A few notes that are played as one figure.

    Args:
        tick: The start in ticks from the start of the chorus; the first event may be a rest.
        events: ``(ticks, kind)`` with kind ``note``, ``rest`` or ``hold``.
        link: ``(phrase, group)`` whose figure is repeated; None for a new figure.
        literal: Whether the pitches are repeated too, as in a riff.
    """

    tick: int
    events: tuple[tuple[int, str], ...]
    link: tuple[int, int] | None = None
    literal: bool = False

    @property
    def ticks(self) -> int:
        """The length."""
        return sum(ticks for ticks, _ in self.events)

    @property
    def size(self) -> int:
        """The number of notes."""
        return sum(kind == "note" for _, kind in self.events)


@dataclass(frozen=True)
class Phrase:
    """A planned phrase: its groups, and its contour as MIDI pitches at begin, middle and end."""

    groups: tuple[Group, ...]
    contour: tuple[float, float, float]

    @property
    def first(self) -> int:
        """The first tick."""
        return self.groups[0].tick

    @property
    def last(self) -> int:
        """The tick of the end."""
        return self.groups[-1].tick + self.groups[-1].ticks

    def target(self, tick: int) -> float:
        """The pitch that the line should be near at ``tick``."""
        a, b, c = self.contour
        x = 2 * (tick - self.first) / max(1, self.last - self.first)
        return a + (b - a) * x if x < 1 else b + (c - b) * (x - 1)
