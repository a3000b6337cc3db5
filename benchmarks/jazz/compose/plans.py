"""What the planner hands to the search: phrases as groups of notes without pitches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A few notes that take one figure: their ticks from the start of the chorus.

    Args:
        tick: Where the group begins (a rest may stand there first).
        events: ``(ticks, kind)`` with kind ``note``, ``rest`` or ``hold``.
        link: ``(phrase, group)`` whose figure this group takes up again; None for a new one.
        literal: Whether the link asks for the very pitches (a riff) and not only the figure.
    """

    tick: int
    events: tuple[tuple[int, str], ...]
    link: tuple[int, int] | None = None
    literal: bool = False

    @property
    def ticks(self) -> int:
        """The length of the group."""
        return sum(ticks for ticks, _ in self.events)

    @property
    def size(self) -> int:
        """How many notes it takes."""
        return sum(kind == "note" for _, kind in self.events)


@dataclass(frozen=True)
class Phrase:
    """A planned phrase: its groups and its contour as three MIDI pitches (begin, middle, end)."""

    groups: tuple[Group, ...]
    contour: tuple[float, float, float]

    @property
    def first(self) -> int:
        """The tick at which it begins."""
        return self.groups[0].tick

    @property
    def last(self) -> int:
        """The tick at which it ends."""
        return self.groups[-1].tick + self.groups[-1].ticks

    def target(self, tick: int) -> float:
        """The pitch around which the line should lie at ``tick``."""
        a, b, c = self.contour
        x = 2 * (tick - self.first) / max(1, self.last - self.first)
        return a + (b - a) * x if x < 1 else b + (c - b) * (x - 1)
