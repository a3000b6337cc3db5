"""LogitsProcessor: the abstract change of logits before a token is chosen; ProcessorChain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import NoOptions
from seqgen.errors import PluginError

if TYPE_CHECKING:
    from seqgen.domains.encoder import Encoder

Logits = NDArray[np.float32]
State = TypeVar("State")


class Stage(IntEnum):
    """When a processor is applied: in this order, and within a stage the built-in ones first."""

    EXCLUDE = 1  #: Excludes tokens: ban, force, minimum length, no repeated n-grams.
    ADJUST = 2  #: Adds to the logits or scales some of them, such as a repetition penalty.
    TEMPERATURE = 3  #: Divides the logits.
    MIX = 4  #: Mixes the distribution with another one, such as a cache.
    TRUNCATE = 5  #: Excludes improbable tokens: top-k, top-p, min-p, typical.


class LogitsProcessor(ABC, Generic[State]):
    """Changes the logits of a batch in place, each row independently.

    Its state is passed in and out and never changed in place, so one processor serves any number
    of batches, beams and threads. Each row has a finite logit; minus infinity stays.

    To use it by name, return the class from the hook ``seqgen_logits_processors``;
    ``docs/how-to/add-a-sampler.md`` shows how.
    """

    #: Its name in ``--processors``: lower-case letters, digits, - and _.
    name: ClassVar[str]
    #: A frozen dataclass of settings (``seqgen.setting``), which are flags and keyword arguments.
    Options: ClassVar[type[Any]] = NoOptions
    #: When it is applied.
    stage: Stage = Stage.ADJUST
    #: Whether it may leave a row without a finite logit, which is a dead end.
    may_leave_none: bool = False
    #: If it does nothing but multiply the logits by one number: that, as a 0-dimensional array.
    factor: NDArray[np.float32] | None = None

    @classmethod
    def make(cls, options: Any, encoder: Encoder[Any]) -> LogitsProcessor[Any] | None:
        """The processor of options; None if they change nothing. By default ``cls()``.

        Args:
            options: An instance of ``Options``.
            encoder: The fitted encoder, with the vocabulary.

        Raises:
            SettingError: The options do not suit the encoder.
        """
        return cls()

    @abstractmethod
    def start(self, batch: int) -> State:
        """The state of ``batch`` rows before their first token."""

    @abstractmethod
    def apply(self, logits: Logits, state: State) -> None:
        """Change logits ``(B, V)`` in place."""

    @abstractmethod
    def advance(self, state: State, tokens: NDArray[np.int64]) -> State:
        """The state after each row received its token, ``(B,)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[np.int64]) -> State:
        """The state of the rows with these indices, in this order."""


class StatelessProcessor(LogitsProcessor[None]):
    """A processor that depends on the logits only."""

    @final
    def start(self, batch: int) -> None:
        return None

    @abstractmethod
    def change(self, logits: Logits) -> None:
        """Change logits ``(B, V)`` in place."""

    @final
    def apply(self, logits: Logits, state: None) -> None:
        self.change(logits)

    @final
    def advance(self, state: None, tokens: NDArray[np.int64]) -> None:
        return None

    @final
    def select(self, state: None, rows: NDArray[np.int64]) -> None:
        return None


class PositionProcessor(LogitsProcessor[int]):
    """A processor that depends on the logits and the position, which all rows of a batch share."""

    @final
    def start(self, batch: int) -> int:
        return 0

    @final
    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state + 1

    @final
    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return state


class ArrayProcessor(LogitsProcessor[NDArray[Any]]):
    """A processor whose state is one array with a row per item."""

    @final
    def select(self, state: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        return state[rows]


@final
class CheckedProcessor(LogitsProcessor[Any]):
    """A processor of a plugin, whose logits are checked at every step.

    Raises:
        PluginError: It is no processor.
    """

    name = "checked"

    def __init__(self, processor: LogitsProcessor[Any]) -> None:
        if not isinstance(processor, LogitsProcessor):
            raise PluginError(f"a processor must be a seqgen.LogitsProcessor, was {processor!r}")
        self._processor = processor
        self._label = f"logits processor {getattr(processor, 'name', type(processor).__name__)!r}"
        self.stage, self.may_leave_none = processor.stage, processor.may_leave_none

    def start(self, batch: int) -> Any:
        return self._processor.start(batch)

    def apply(self, logits: Logits, state: Any) -> None:
        excluded = logits == -np.inf
        dead = excluded.all(axis=-1)
        self._processor.apply(logits, state)
        # A comparison with NaN is False.
        if not (logits < np.inf).all():
            raise PluginError(f"{self._label} returned a logit that is not a number or is infinite")
        if (logits[excluded] > -np.inf).any():
            raise PluginError(
                f"{self._label} changed a logit of minus infinity: an excluded token stays excluded"
            )
        if not self.may_leave_none and ((logits == -np.inf).all(axis=-1) & ~dead).any():
            raise PluginError(
                f"{self._label} excluded every token of a row: set may_leave_none = True, so that "
                "the row ends as a dead end"
            )

    def advance(self, state: Any, tokens: NDArray[np.int64]) -> Any:
        return self._processor.advance(state, tokens)

    def select(self, state: Any, rows: NDArray[np.int64]) -> Any:
        return self._processor.select(state, rows)


@final
class ProcessorChain(LogitsProcessor[tuple[Any, ...]]):
    """Several processors, applied in order; an empty chain changes nothing."""

    name = "chain"

    def __init__(self, processors: Sequence[LogitsProcessor[Any]]) -> None:
        self.processors = tuple(processors)
        self.may_leave_none = any(processor.may_leave_none for processor in processors)
        self.factor = processors[0].factor if len(processors) == 1 else None

    def start(self, batch: int) -> tuple[Any, ...]:
        return tuple(processor.start(batch) for processor in self.processors)

    def apply(self, logits: Logits, state: tuple[Any, ...]) -> None:
        for processor, part in zip(self.processors, state, strict=True):
            processor.apply(logits, part)

    def advance(self, state: tuple[Any, ...], tokens: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(
            processor.advance(part, tokens)
            for processor, part in zip(self.processors, state, strict=True)
        )

    def select(self, state: tuple[Any, ...], rows: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(
            processor.select(part, rows)
            for processor, part in zip(self.processors, state, strict=True)
        )
