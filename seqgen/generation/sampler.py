"""Sampler: chooses the next token of each row, with noise that only seed and index determine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import NoOptions
from seqgen.errors import PluginError
from seqgen.generation.logits_processor import Logits
from seqgen.models.sequence_model import log_softmax
from seqgen.settings import options_from

State = TypeVar("State")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: The tokens that a sampler chose, ``(B,)``; its next state; and the normaliser of the logits: the
#: sum of the exponentials of each row's logits minus a shift, and the shift, each ``(B,)`` or a
#: number; None means no shift. A logit minus ``log(total) + shift`` is a log-probability.
Draw = tuple[Ints, Any, Floats | float, NDArray[np.float32] | float | None]
#: A factor is a 0-dimensional array: a scalar would be converted to one at every call.
Scalar = NDArray[np.float32]
ONE: Scalar = np.array(1.0, np.float32)
#: Sums of exponentials outside these bounds have lost precision: their rows are shifted first.
_LEAST, _MOST = 1e-30, 1e30
#: Uniforms are limited to this, so that rounding cannot lift a threshold to the total of a row.
_BELOW_ONE = 1.0 - 2.0**-23
#: From this batch size on, cumulative sums are computed token by token for all rows at once.
_TALL = 128


class Sampler(ABC, Generic[State]):
    """From the logits of a batch to one token per row. Randomness is an input.

    A sampler is made from its options, ``MySampler(tau=3.0)``. Whatever it remembers of an item is
    in the state, which is passed in and out and never changed in place, with an entry per row: so
    one sampler serves any number of batches, and an item does not depend on the others.

    To use it by name, return the class from the hook ``seqgen_samplers``;
    ``docs/how-to/add-a-sampler.md`` shows how.

    Args:
        options: Values of ``Options`` by name.

    Raises:
        SettingError: An option is unknown, or out of its range.
    """

    #: The value of ``--sampler``: lower-case letters, digits, - and _.
    name: ClassVar[str]
    #: A frozen dataclass of settings (``seqgen.setting``), which are flags and keyword arguments.
    Options: ClassVar[type[Any]] = NoOptions

    def __init__(self, **options: Any) -> None:
        self.options = options_from(self.Options, options)

    def start(self, batch: int) -> State:
        """The state of ``batch`` rows before their first token; None by default."""
        return None  # type: ignore[return-value]

    @abstractmethod
    def choose(self, logits: Logits, uniforms: Floats, state: State) -> tuple[Ints, State]:
        """Choose one token per row, each row independently of the others.

        The ``logp_settings`` of an item is under these logits: what the sampler excludes itself
        does not change it.

        Args:
            logits: Shape ``(B, V)``, after the guide and all processors: minus infinity for
                excluded tokens, which must not be chosen, and at least one finite value per row.
                Not to be changed.
            uniforms: Shape ``(B,)``, each in ``[0, 1)``: the only source of randomness.
            state: The state before this token.

        Returns:
            Token ids of an integer type, ``(B,)``, and the state after them.
        """

    def probabilities(self, logits: Logits, state: State) -> Floats | None:
        """The distribution that ``choose`` draws from, ``(B, V)``; None if it does not say.

        Only the checks of ``seqgen.testing`` call it.
        """
        return None

    def select(self, state: State, rows: Ints) -> State:
        """The state of the rows with these indices, in this order.

        By default the state is None, or one array with a row per item.
        """
        if state is None:
            return state
        if not isinstance(state, np.ndarray):
            raise PluginError(f"{self._label} has a state that is no array: it must define select")
        return state[rows]  # type: ignore[return-value]

    def draw(self, logits: Logits, uniforms: Floats, state: State, factor: Scalar = ONE) -> Draw:
        """``choose`` from logits that are multiplied by a factor above 0, and their normalisers.

        Built-in samplers override it, because they compute the normaliser anyway. By default it
        calls ``choose`` and checks its tokens. The caller silences warnings of exponentials that
        overflow (``numpy.errstate``); such results are corrected.

        Raises:
            PluginError: ``choose`` returns something else than an allowed token per row.
        """
        if factor is not ONE:
            logits = logits * factor
        returned = self.choose(logits, uniforms, state)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise PluginError(f"{self._label} must return a tuple of tokens and state")
        tokens, after = np.asarray(returned[0]), returned[1]
        if tokens.shape != uniforms.shape or tokens.dtype.kind not in "iu":
            raise PluginError(
                f"{self._label} must return one integer per row, shape {uniforms.shape}; returned "
                f"{tokens.dtype} of shape {tokens.shape}"
            )
        if tokens.min() < 0 or tokens.max() >= logits.shape[1]:
            raise PluginError(
                f"{self._label} must return token ids from 0 to {logits.shape[1] - 1}; returned "
                f"{tokens.min()} to {tokens.max()}"
            )
        tokens = tokens.astype(np.int64)
        if (logits[np.arange(len(tokens)), tokens] == -np.inf).any():
            raise PluginError(f"{self._label} returned a token whose logit is minus infinity")
        return tokens, after, *exp_sums(logits)

    @property
    def _label(self) -> str:
        return f"sampler {getattr(self, 'name', type(self).__name__)!r}: choose"


class ItemSampler(ABC):
    """Finds several distinct items together, such as a beam search: it is registered by the same
    hook as a ``Sampler``, and is made for one prompt and one guide."""

    name: ClassVar[str]
    Options: ClassVar[type[Any]] = NoOptions

    @abstractmethod
    def samples(self, number: int) -> list[Any]:
        """At most ``number`` distinct samples, best first; fewer only if no more are possible.

        A smaller number returns the same first samples. The index of a sample is its rank.
        """


def inverse_cdf(weights: NDArray[Any], uniforms: Floats) -> Ints:
    """Draw a token per row, never one of weight 0, by inverting the cumulative distribution.

    Args:
        weights: Shape ``(B, V)``, from 0, with a sum above 0; they need not sum to 1.
        uniforms: Shape ``(B,)``, each in ``[0, 1)``.

    Returns:
        The first token of each row at which the cumulative share exceeds the uniform, ``(B,)``.
    """
    sums = np.add.accumulate(weights, axis=1, dtype=np.float64)
    below = np.minimum(uniforms, _BELOW_ONE) * sums[:, -1]
    return np.asarray((sums <= below[:, None]).sum(axis=1), dtype=np.int64)


@final
class GreedySampler(Sampler[None]):
    """The most probable token; the lowest id among equals."""

    name = "greedy"

    def choose(self, logits: Logits, uniforms: Floats, state: None = None) -> tuple[Ints, None]:
        return np.asarray(logits.argmax(axis=-1), dtype=np.int64), None

    def draw(
        self, logits: Logits, uniforms: Floats, state: None = None, factor: Scalar = ONE
    ) -> Draw:
        return *self.choose(logits, uniforms), *exp_sums(logits * factor)

    def probabilities(self, logits: Logits, state: None) -> Floats:
        first = logits.argmax(axis=-1)
        return np.asarray(np.arange(logits.shape[1]) == first[:, None], np.float64)


@final
class InverseCDFSampler(Sampler[None]):
    """Draws a token by inverting the cumulative distribution at the uniform.

    The result is the first token at which the cumulative probability exceeds the uniform: the
    interval of each token, in order of the ids, is as long as its probability. Every number is a
    function of its own row, independent of the batch.

    It reuses buffers of the last shape, so one object serves one thread.
    """

    name = "sample"

    def __init__(self) -> None:
        super().__init__()
        self._allocate(0, 0)

    def choose(self, logits: Logits, uniforms: Floats, state: None = None) -> tuple[Ints, None]:
        return self.draw(logits, uniforms)[0], None

    def draw(
        self, logits: Logits, uniforms: Floats, state: None = None, factor: Scalar = ONE
    ) -> Draw:
        if logits.shape != self._shape:
            self._allocate(*logits.shape)
        if len(logits) == 1:
            return self._choose_one(logits[0], uniforms.item(), factor)
        total = self._accumulate(logits, factor)
        shift = _shifts(logits, total, factor)
        if shift is not None:
            total = self._accumulate(logits * factor - shift[:, None], ONE)
        below = (np.minimum(uniforms, _BELOW_ONE) * total).astype(np.float32)
        if self._columns is None:
            np.less_equal(self._sums, below[:, None], self._passed)
            tokens = self._passed.argmin(axis=1)
        else:
            np.less_equal(self._sums, below, self._passed)  # (V, B)
            # The number of passed tokens is the first that is not passed. It is counted in bytes
            # if they suffice, which needs no conversion.
            counts = np.add.reduce(self._passed.view(np.uint8), 0, self._count_type)
            tokens = counts.astype(np.int64)
        return tokens, None, total, shift

    def probabilities(self, logits: Logits, state: None) -> Floats:
        return np.exp(log_softmax(logits))

    def _choose_one(self, logits: NDArray[np.float32], uniform: float, factor: Scalar) -> Draw:
        """The same numbers for a single row ``(V,)``, in fewer calls."""
        mass, sums, shift = self._row_mass, self._row_sums, None
        np.multiply(logits, factor, mass)
        np.exp(mass, mass)
        np.add.accumulate(mass, 0, None, sums)
        total = sums.item(-1)
        if not _LEAST <= total <= _MOST:
            shift = float(logits.max() * factor)
            np.exp(logits * factor - np.float32(shift), mass)
            np.add.accumulate(mass, 0, None, sums)
            total = sums.item(-1)
        below = float(np.float32(min(uniform, _BELOW_ONE) * total))
        # For one number Python's bisection is faster than NumPy's.
        return np.array([bisect_right(self._row_view, below)]), None, total, shift

    def _allocate(self, batch: int, size: int) -> None:
        self._shape = (batch, size)
        shape = (size, batch) if batch >= _TALL else (batch, size)
        self._sums, self._passed = np.empty(shape, np.float32), np.empty(shape, dtype=bool)
        self._count_type = np.uint8 if size <= np.iinfo(np.uint8).max else np.int32
        self._columns = list(self._sums) if batch >= _TALL else None
        self._row_mass, self._row_sums = np.empty((2, size), np.float32)
        self._row_view = self._row_sums.data

    def _accumulate(self, logits: Logits, factor: Scalar) -> Floats:
        """Cumulative sums of the exponentials of each row; returns the totals, ``(B,)``.

        Tall batches are transposed: the same additions in the same order give the same numbers,
        but for all rows at once.
        """
        sums = self._sums
        if self._columns is None:
            np.multiply(logits, factor, sums)
            np.exp(sums, sums)
            np.add.accumulate(sums, 1, None, sums)
            return np.asarray(sums[:, -1], dtype=np.float64)
        np.multiply(logits.T, factor, sums)
        np.exp(sums, sums)
        before = self._columns[0]
        for column in self._columns[1:]:
            np.add(before, column, column)
            before = column
        return np.asarray(before, dtype=np.float64)


def _shifts(logits: Logits, total: Floats, factor: Scalar = ONE) -> NDArray[np.float32] | None:
    """What to subtract from each row before its exponentials; None if no row needs it."""
    if np.minimum.reduce(total) >= _LEAST and np.maximum.reduce(total) <= _MOST:
        return None
    unsafe = ~((total >= _LEAST) & (total <= _MOST))
    return np.where(unsafe, logits.max(axis=-1) * factor, np.float32(0))


def exp_sums(logits: Logits) -> tuple[Floats, NDArray[np.float32] | None]:
    """The sum of the exponentials of each row minus its shift, and the shift, as in ``Draw``."""
    total = np.add.reduce(np.exp(logits), 1).astype(np.float64)
    shift = _shifts(logits, total)
    if shift is None:
        return total, None
    return np.add.reduce(np.exp(logits - shift[:, None]), 1).astype(np.float64), shift


def log_sum_exp(logits: Logits) -> Floats:
    """The log of the sum of the exponentials of each row, shape ``(B,)``."""
    total, shift = exp_sums(logits)
    return np.asarray(np.log(total) if shift is None else np.log(total) + shift)


@final
class Noise:
    """One stream of uniforms for each sample, from Philox with the key (seed, index).

    Philox is counter-based, so the stream of a sample does not depend on which other samples
    are drawn, in which order, or on which machine. Source: J. K. Salmon et al., "Parallel random
    numbers: as easy as 1, 2, 3", SC'11.

    Args:
        seed: 0 to 2**64 - 1.
        indices: The sample index of each row, 0 to 2**64 - 1.
    """

    #: Uniforms are drawn in blocks, because one call for each row and token would dominate. The
    #: first block has this many, each further one three times the number drawn so far, at most
    #: ``LARGEST``: short items waste little and long items need few calls.
    BLOCK = 64
    LARGEST = 1024
    #: Numbers that Philox generates for each value of its counter.
    _PER_COUNT = 4

    def __init__(self, seed: int, indices: Sequence[int]) -> None:
        self._keys = np.array([[seed, index] for index in indices], dtype=np.uint64)
        # One bit generator serves all rows: setting its state takes a twentieth of the time of
        # creating one.
        self._bits = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._bits)
        self._state = self._bits.state
        self._drawn = 0
        self._block = np.empty((len(indices), 0))
        self._place = 0

    def next(self) -> NDArray[np.float64]:
        """The next uniform of each row, shape ``(B,)``, each in ``[0, 1)``."""
        if self._place == self._block.shape[1]:
            self._fill()
        self._place += 1
        return self._block[:, self._place - 1]

    def _fill(self) -> None:
        """Draw the next block of every row, as a generator of its own would."""
        size = min(max(self.BLOCK, 3 * self._drawn), self.LARGEST)
        block = np.empty((len(self._keys), size))
        inner = self._state["state"]
        for row, key in enumerate(self._keys):
            inner["key"] = key
            inner["counter"][:] = (self._drawn // self._PER_COUNT, 0, 0, 0)
            self._state["buffer_pos"] = self._PER_COUNT  # discard what an earlier draw left
            self._bits.state = self._state
            self._generator.random(out=block[row])
        self._block, self._place = block, 0
        self._drawn += size

    def select(self, rows: NDArray[np.int64]) -> None:
        """Keep only some rows, in the order of ``rows``."""
        self._keys, self._block = self._keys[rows], self._block[rows]
