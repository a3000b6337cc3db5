"""JazzEncoder: a solo as pitch tokens and their durations, and back, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, final

import seqgen
from seqgen import DataError, Encoded, Encoder, SeqgenError, Vocabulary
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.condition import Setting
from seqgen_jazz.encoding.grammar import FIRST_REFERENCE, GRAMMARS, Grammar
from seqgen_jazz.encoding.grammar_state import COLUMNS, RESTING, START, Line, Phase, Place
from seqgen_jazz.encoding.instruments import ANY
from seqgen_jazz.encoding.rhythm_grid import breaks
from seqgen_jazz.encoding.solo import Note, Solo, check_solo

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart

#: Chosen by held-out nats per note and by the score card of what it generates; see
#: docs/benchmarks/jazz-encodings.md of seqgen.
DEFAULT = "classic"
#: The most of its durations by which a corpus may break the grid of rhythm and still be one of
#: notation: of notation none do, of performances 20 to 50 %.
_MOST_OFF = 0.05


@final
@dataclass(frozen=True)
class Writing:
    """How solos are written as tokens.

    Raises:
        SettingError: There is no such encoding.
    """

    encoding: str = seqgen.setting(
        DEFAULT,
        "How a pitch is written: its class and the interval, or its degree of the chord.",
        choices=tuple(GRAMMARS),
    )

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@final
class JazzEncoder(Encoder[Solo]):
    """A solo as tokens of a grammar: ``decode(encode(solo)) == solo`` exactly on the tick grid.

    A note is a pitch token and a duration; a rest is ``R`` and a duration. The lengths fill the
    chart to its end. In the classic grammar, made exact here, the pitch token says the class
    against the chord that sounds at the onset and the interval from the note before; the other
    one says the degree of the chord (``pitch_tokens``).

    What is kept of a corpus is whether its rhythms keep to the grid that players read
    (``rhythm_grid``): notation does, a performance does not, and what is generated goes by it.

    Context columns are those of ``line.COLUMNS``. The vocabulary is closed; ``fit`` only
    looks whether the items can be written in it.

    Args:
        writing: Which grammar.
        fitted: Whether ``fit`` has seen a corpus.
        on_grid: Whether that corpus keeps to the grid of rhythm.
    """

    # Saved models and runs have this name; it once was that of the module and of the class.
    name = "encoder.JazzEncoder"
    context_sizes = tuple(COLUMNS.values())

    def __init__(
        self, writing: Writing | None = None, fitted: bool = False, on_grid: bool = True
    ) -> None:
        self._writing = writing or Writing()
        self.on_grid = on_grid
        self.grammar: Grammar = GRAMMARS[self._writing.encoding]
        self._vocabulary = Vocabulary(self.grammar.symbols) if fitted else None

    @property
    def vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise SeqgenError("this encoder is not fitted: call fit(items) first")
        return self._vocabulary

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        """The durations are "rhythm"; what is played, rests included, is "pitch"."""
        first, tie = self.grammar.first_duration, self.grammar.tie
        return {"rhythm": range(first, tie), "pitch": range(first)}

    @property
    def token_keys(self) -> Sequence[int]:
        """Intervals count, whatever their class, or degrees: a figure comes again over another
        chord, in the rhythm of the moment. Rests and durations are passed over."""
        return self.grammar.recalled

    def fit(self, items: Iterable[Solo]) -> Self:
        notes = off = durations = 0
        for number, solo in enumerate(items, 1):
            _check(solo, f"solo {number}")
            notes += len(solo.notes)
            breaking, of = breaks(solo)
            off, durations = off + breaking, durations + of
        if not notes:
            raise DataError("the corpus holds no note: give solos with at least one")
        return type(self)(self._writing, fitted=True, on_grid=off <= _MOST_OFF * durations)

    def encode(self, item: Solo) -> Encoded:
        import numpy as np

        _check(item, "the solo")
        line = Line(item.chart, grammar=self.grammar)
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
        seams = setting.kept.seams if setting.kept else ()
        line, place = Line(setting.chart, seams, self.grammar), START
        notes: list[Note] = []
        for token in tokens:
            before, place = place, line.step(place, int(token))
            if place.phase is not Phase.EVENT or before.pitch == RESTING:
                continue
            if before.phase is Phase.TIED:
                notes[-1] = Note(notes[-1].onset, place.tick - notes[-1].onset, before.pitch)
            else:
                notes.append(Note(before.tick, place.tick - before.tick, before.pitch))
        labels = (setting.title, setting.tempo, setting.instrument, setting.playing)
        return Solo(setting.chart, tuple(notes), *labels)

    def to_json(self) -> dict[str, Any]:
        played = {} if self.on_grid else {"on_grid": False}  # older files do not say it
        return {
            "encoding": self.grammar.name,
            "symbols": list(self.vocabulary.symbols),
            "grid": TICKS_PER_QUARTER,
            **played,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        name = saved.get("encoding")
        if name in GRAMMARS:
            encoder = cls(Writing(name), fitted=True, on_grid=saved.get("on_grid") is not False)
            if encoder.to_json() == saved:
                return encoder
        raise SeqgenError(
            "this model was made with another jazz grammar than the installed ones "
            f"({name!r} with {len(saved.get('symbols', ()))} symbols on a grid of "
            f"{saved.get('grid')}; here {', '.join(GRAMMARS)} on {TICKS_PER_QUARTER}): train it "
            "anew, or install the version of seqgen-jazz that made it"
        )


def _tokens(solo: Solo, line: Line) -> list[int]:
    grammar = line.grammar
    tokens: list[int] = []
    tick, reference = 0, FIRST_REFERENCE
    for note in solo.notes:
        if note.onset > tick:
            tokens += (grammar.rest, *grammar.duration_tokens(note.onset - tick))
        moves, interval = grammar.interval_tokens(note.pitch - reference)
        chord = line.chord(note.onset)
        pitch = grammar.pitches.token(chord, note.pitch - interval, note.pitch)
        tokens += (*moves, pitch, *grammar.duration_tokens(note.duration))
        tick, reference = note.end, note.pitch
    if tick < line.ticks:
        tokens += (grammar.rest, *grammar.duration_tokens(line.ticks - tick))
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
    from seqgen_jazz.charts.chart import Chart

    if not isinstance(condition, Chart):
        raise DataError(f"a solo is decoded over a chart, not over {condition!r}: give a Setting")
    return condition
