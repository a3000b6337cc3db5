"""JazzEncoder: a solo as pitch tokens and their durations, and back, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self, final

import seqgen
from seqgen import DataError, Encoded, Encoder, SeqgenError, Vocabulary
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar_state import (
    COLUMNS,
    RESTING,
    START,
    ChartGrammar,
    Phase,
    count_off_grid,
)
from seqgen_jazz.encoding.solo import ANY, Note, Solo, check_solo
from seqgen_jazz.encoding.solo_condition import SoloCondition
from seqgen_jazz.encoding.solo_tokens import FIRST_REFERENCE, GRAMMARS, Grammar

#: Chosen by held-out nats per note and by the score card of generated solos; see
#: docs/benchmarks/jazz-encodings.md of seqgen.
DEFAULT_ENCODING = "classic"
#: The largest share of durations off the rhythm grid in a corpus that counts as notated. Notated
#: corpora have none, recorded performances 20 to 50 %.
_MAX_OFF_GRID = 0.05


@final
@dataclass(frozen=True)
class EncodingOptions:
    """How solos are encoded.

    Raises:
        SettingError: There is no such encoding.
    """

    encoding: str = seqgen.setting(
        DEFAULT_ENCODING,
        "Pitch encoding: class and interval (classic), or degree of the chord (degrees).",
        choices=tuple(GRAMMARS),
        advanced=True,
    )

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@final
class JazzEncoder(Encoder[Solo]):
    """A solo as tokens of a grammar: ``decode(encode(solo)) == solo`` exactly on the tick grid.

    A note is a pitch token and a duration; a rest is ``R`` and a duration. The lengths fill the
    chart to its end. In the classic grammar, made exact here, the pitch token contains the class
    relative to the chord at the onset and the interval from the note before; in the other one, the
    degree of the chord.

    The vocabulary is fixed. ``fit`` checks that the items can be encoded and determines whether
    their rhythms are on the ``RhythmGrid``: those of notation are, those of a performance are not.
    Generated solos follow this. Context columns are ``grammar_state.COLUMNS``.

    Args:
        options: Which grammar.
        fitted: Whether ``fit`` has seen a corpus.
        on_grid: Whether the rhythms of that corpus are on the grid.
    """

    name = "jazz-solo"
    aliases = ("encoder.JazzEncoder",)
    context_sizes = tuple(COLUMNS.values())

    def __init__(
        self, options: EncodingOptions | None = None, fitted: bool = False, on_grid: bool = True
    ) -> None:
        super().__init__(options or EncodingOptions())
        self.on_grid = on_grid
        self.grammar: Grammar = GRAMMARS[self.options.encoding]
        self._vocabulary = Vocabulary(self.grammar.symbols) if fitted else None

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        """Durations are "rhythm"; notes, rests and octave moves are "pitch"."""
        first, tie = self.grammar.first_duration, self.grammar.tie
        return {"rhythm": range(first, tie), "pitch": range(first)}

    @property
    def token_keys(self) -> Sequence[int]:
        """Intervals or degrees, regardless of class, so that a figure recurs over another chord
        and in another rhythm. Rests and durations are skipped."""
        return self.grammar.cache_keys

    def fit(self, items: Iterable[Solo]) -> Self:
        notes = off_grid = durations = 0
        for number, solo in enumerate(items, 1):
            _check(solo, f"solo {number}")
            notes += len(solo.notes)
            off, total = count_off_grid(solo)
            off_grid, durations = off_grid + off, durations + total
        if not notes:
            raise DataError("the corpus has no notes: provide solos with at least one")
        return type(self)(self.options, fitted=True, on_grid=off_grid <= _MAX_OFF_GRID * durations)

    def encode(self, item: Solo) -> Encoded:
        import numpy as np

        _check(item, "the solo")
        line = ChartGrammar(item.chart, grammar=self.grammar)
        tokens = _tokens(item, line)
        rows = _context_rows(line, tokens)
        flat = np.fromiter(chain.from_iterable(rows), np.int32, len(rows) * len(COLUMNS))
        context = flat.reshape(len(rows), len(COLUMNS))
        return Encoded(np.array(tokens, dtype=np.int32), context, SoloCondition.from_solo(item))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Solo:
        """The solo of the tokens. If they stop early, the rest is silent.

        Args:
            tokens: Token ids without the end token.
            condition: A ``SoloCondition``, or a ``Chart`` alone.

        Raises:
            DataError: If the grammar does not allow a token, which cannot happen under the guide.
        """
        if isinstance(condition, Chart):
            condition = SoloCondition(condition)
        if not isinstance(condition, SoloCondition):
            raise DataError(f"decoding a solo needs a SoloCondition or a Chart, was {condition!r}")
        line = ChartGrammar(condition.chart, condition.fixed.edges, self.grammar)
        state = START
        notes: list[Note] = []
        for token in tokens:
            before, state = state, line.step(state, int(token))
            if state.phase is not Phase.EVENT or before.pitch == RESTING:
                continue
            if before.phase is Phase.TIED:
                notes[-1] = Note(notes[-1].onset, state.tick - notes[-1].onset, before.pitch)
            else:
                notes.append(Note(before.tick, state.tick - before.tick, before.pitch))
        labels = condition.title, condition.tempo, condition.instrument, condition.performance
        return Solo(condition.chart, tuple(notes), *labels)

    def to_json(self) -> dict[str, Any]:
        grid = {} if self.on_grid else {"on_grid": False}  # earlier files do not contain it
        return {
            "encoding": self.grammar.name,
            "symbols": list(self.vocabulary.symbols),
            "grid": TICKS_PER_QUARTER,
            **grid,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        name = saved.get("encoding")
        if name in GRAMMARS:
            on_grid = saved.get("on_grid") is not False
            encoder = cls(EncodingOptions(name), fitted=True, on_grid=on_grid)
            if encoder.to_json() == saved:
                return encoder
        raise SeqgenError(
            f"this model uses another jazz grammar ({name!r} with {len(saved.get('symbols', ()))} "
            f"symbols, grid {saved.get('grid')}) than the installed {', '.join(GRAMMARS)} (grid "
            f"{TICKS_PER_QUARTER}): retrain it, or install the seqgen-jazz that saved it"
        )


def _tokens(solo: Solo, line: ChartGrammar) -> list[int]:
    grammar = line.grammar
    tokens: list[int] = []
    reference = FIRST_REFERENCE
    for start, end, pitch in solo.events():
        if pitch is None:
            tokens.append(grammar.rest)
        else:
            moves, interval = grammar.interval_tokens(pitch - reference)
            token = grammar.pitches.token(line.chord(start), pitch - interval, pitch)
            tokens += (*moves, token)
            reference = pitch
        tokens += grammar.duration_tokens(end - start)
    return tokens


def _context_rows(line: ChartGrammar, tokens: Iterable[int]) -> list[tuple[int, ...]]:
    """The context row of every choice, by the same transitions as the guide."""
    state = START
    rows = [line.context(state.tick, state.reference)]
    for token in tokens:
        state = line.step(state, token)
        rows.append(line.context(state.tick, state.reference))
    return rows


def _check(solo: Solo, name: str) -> None:
    """Raise a DataError for a solo that the grammar cannot encode."""
    try:
        check_solo(solo, ANY.low, ANY.high)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
