"""JazzEncoder: a solo as class and interval tokens with their durations, and back, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, final

from seqgen import DataError, Encoded, Encoder, SeqgenError, Vocabulary
from seqgen_jazz.grammar import (
    FIRST_DURATION,
    FIRST_REFERENCE,
    RECALLED,
    REST,
    SYMBOLS,
    TIE,
    duration_tokens,
    interval_tokens,
    pitch_token,
)
from seqgen_jazz.instruments import ANY
from seqgen_jazz.line import COLUMNS, RESTING, START, Line, Phase, Place
from seqgen_jazz.setting import Setting
from seqgen_jazz.solo import TICKS_PER_QUARTER, Note, Solo, check_solo

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart


@final
class JazzEncoder(Encoder[Solo]):
    """The classic jazz grammar, made exact: ``decode(encode(solo)) == solo`` on the tick grid.

    A note is a pitch token, which says its class against the chord that sounds at its onset
    and its interval from the note before, and a duration; a rest is ``R`` and a duration.
    The lengths fill the chart to its end. The class follows from the chord and the pitch, so
    it says nothing a decoder needs: a model learns by it, and the guide keeps it true.

    Context columns are those of ``line.COLUMNS``. The vocabulary is closed; ``fit`` only
    looks whether the items can be written in it.

    Args:
        fitted: Whether ``fit`` has seen a corpus.
    """

    context_sizes = tuple(COLUMNS.values())

    def __init__(self, fitted: bool = False) -> None:
        self._vocabulary = Vocabulary(SYMBOLS) if fitted else None

    @property
    def vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise SeqgenError("this encoder is not fitted: call fit(items) first")
        return self._vocabulary

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        """The durations are "rhythm"; what is played, rests included, is "pitch"."""
        return {"rhythm": range(FIRST_DURATION, TIE), "pitch": range(FIRST_DURATION)}

    @property
    def token_keys(self) -> Sequence[int]:
        """Intervals count, whatever their class: a figure comes again over another chord, in
        the rhythm of the moment. Rests and durations are passed over."""
        return RECALLED

    def fit(self, items: Iterable[Solo]) -> Self:
        notes = 0
        for number, solo in enumerate(items, 1):
            _check(solo, f"solo {number}")
            notes += len(solo.notes)
        if not notes:
            raise DataError("the corpus holds no note: give solos with at least one")
        return type(self)(fitted=True)

    def encode(self, item: Solo) -> Encoded:
        import numpy as np

        _check(item, "the solo")
        line = Line(item.chart)
        tokens = _tokens(item, line)
        rows = _rows(line, tokens)
        flat = np.fromiter(chain.from_iterable(rows), np.int32, len(rows) * len(COLUMNS))
        context = flat.reshape(len(rows), len(COLUMNS))
        return Encoded(np.array(tokens, dtype=np.int32), context, Setting.of(item))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Solo:
        """The solo behind the tokens; a sequence that stops early leaves the rest silent.

        Args:
            tokens: Token ids without the end token.
            condition: A ``Setting``, or a ``Chart`` alone.

        Raises:
            DataError: If the grammar does not allow a token where it stands, which cannot
                happen under the guide.
        """
        setting = condition if isinstance(condition, Setting) else Setting(_chart(condition))
        line, place = Line(setting.chart), START
        notes: list[Note] = []
        for token in tokens:
            before, place = place, line.step(place, int(token))
            if place.phase is not Phase.EVENT or place.pitch == RESTING:
                continue
            if before.phase is Phase.TIED:
                notes[-1] = Note(notes[-1].onset, place.tick - notes[-1].onset, place.pitch)
            else:
                notes.append(Note(before.tick, place.tick - before.tick, place.pitch))
        labels = (setting.title, setting.tempo, setting.instrument)
        return Solo(setting.chart, tuple(notes), *labels)

    def to_json(self) -> dict[str, Any]:
        return {"symbols": list(self.vocabulary.symbols), "grid": TICKS_PER_QUARTER}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        encoder = cls(fitted=True)
        if encoder.to_json() != saved:
            raise SeqgenError(
                "this model was made with another jazz grammar than the installed one "
                f"({len(saved.get('symbols', ()))} symbols on a grid of {saved.get('grid')}, here "
                f"{len(SYMBOLS)} on {TICKS_PER_QUARTER}): train it anew, or install the "
                "version of seqgen-jazz that made it"
            )
        return encoder


def _tokens(solo: Solo, line: Line) -> list[int]:
    tokens: list[int] = []
    tick, reference = 0, FIRST_REFERENCE
    for note in solo.notes:
        if note.onset > tick:
            tokens += (REST, *duration_tokens(note.onset - tick))
        moves, interval = interval_tokens(note.pitch - reference)
        number = line.classes(note.onset)[note.pitch % 12]
        tokens += (*moves, pitch_token(number, interval), *duration_tokens(note.duration))
        tick, reference = note.end, note.pitch
    if tick < line.ticks:
        tokens += (REST, *duration_tokens(line.ticks - tick))
    return tokens


def _rows(line: Line, tokens: Iterable[int]) -> list[tuple[int, ...]]:
    """The context row of every choice, by the same walk that the guide takes."""
    place: Place = START
    rows = [line.context(place.tick, place.reference)]
    for token in tokens:
        place = line.step(place, token)
        rows.append(line.context(place.tick, place.reference))
    return rows


def _check(solo: Solo, name: str) -> None:
    """Raise a DataError for a solo that the grammar cannot write."""
    try:
        check_solo(solo)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    for number, note in enumerate(solo.notes, 1):
        if not ANY.low <= note.pitch <= ANY.high:
            raise DataError(
                f"{name}: note {number} of {solo.title!r} has pitch {note.pitch}, outside "
                f"{ANY.low} to {ANY.high}: move the solo by octaves or leave it out"
            )


def _chart(condition: Any) -> Chart:
    from seqgen_jazz.chart import Chart

    if not isinstance(condition, Chart):
        raise DataError(f"a solo is decoded over a chart, not over {condition!r}: give a Setting")
    return condition
