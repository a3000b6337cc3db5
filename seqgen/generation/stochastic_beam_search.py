"""StochasticBeam: different items, drawn one after the other without putting back."""

from __future__ import annotations

import hashlib
import math
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError
from seqgen.generation.hypotheses import Branches, Options
from seqgen.generation.search import Search

#: All items are kept in memory side by side.
_MOST_ITEMS = 100_000
#: The uniform 0 would be an infinite Gumbel.
_LEAST_UNIFORM = 2.0**-54
#: Philox streams of samples are keyed by (seed, index) with a smaller index than this.
_STREAM = 2**64 - 1


@final
class StochasticBeam(Search):
    """Draws different items without replacement, from the distribution of the settings.

    The first item has the probabilities of ordinary sampling; each further one has those of
    sampling given that no earlier item comes again. Every setting that changes how tokens are
    drawn changes this distribution.

    The log-probability of each item, perturbed by standard Gumbel noise of its own, ranks the
    items in that order (Gumbel top-k). The maximum over all items that go on from a beginning
    can be drawn before they are known, and then shared out: of its children one has this
    maximum, and the noise of the others is drawn below it. So the tree is grown from the
    best beginnings alone. Source: W. Kool, H. van Hoof and M. Welling, "Stochastic beams and
    where to find them", ICML 2019, section 4 and appendix B.3.

    The noise of a beginning is a function of (seed, its tokens) alone. So the n-th item is
    the same however many are asked for, on every engine whose logits are the same.
    """

    def _width(self, number: int) -> int:
        if number > _MOST_ITEMS:
            raise SettingError(
                f"the stochastic-beam sampler finds at most {_MOST_ITEMS:,} items together, "
                f"{number:,} were asked for: ask for fewer, or with several seeds"
            )
        return number

    def _priorities(self, branches: Branches, options: Options) -> NDArray[np.float64]:
        logp = branches.figures[1][:, None] + options.settled
        noise = node_gumbels(self._config.seed, branches.tokens, logp.shape[1])
        going = np.array([not reason for reason in options.reasons])
        result = np.full(logp.shape, -np.inf)
        # The order of the items does not depend on the maximum of all, which starts as 0.
        result[going] = lowered((logp + noise)[going], branches.priority[going])
        return result

    def _bound(self, branches: Branches) -> NDArray[np.float64]:
        return branches.priority


def node_gumbels(seed: int, tokens: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Standard Gumbel noise for the children of each beginning.

    Uniforms come from Philox keyed by the seed, from a place in its period that the
    beginning's tokens are hashed to (128 bits of BLAKE2b).

    Args:
        seed: 0 to 2**64 - 1.
        tokens: Shape ``(B, T)``.
        size: How many children each has.

    Returns:
        Shape ``(B, size)``, finite.
    """
    bits = np.random.Philox(key=np.array([seed, _STREAM], dtype=np.uint64))
    stream, state = np.random.Generator(bits), bits.state
    uniforms = np.empty((len(tokens), size))
    for row, path in enumerate(np.asarray(tokens, dtype="<i8")):
        digest = hashlib.blake2b(path.tobytes(), digest_size=16).digest()
        state["state"]["counter"][1:3] = np.frombuffer(digest, dtype="<u8")
        bits.state = state  # much quicker than a new generator
        stream.random(out=uniforms[row])
    np.maximum(uniforms, _LEAST_UNIFORM, out=uniforms)
    return np.asarray(-np.log(-np.log(uniforms)))


def lowered(values: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gumbel variables under the condition that the greatest of each row is a given number.

    Args:
        values: Without the condition, shape ``(B, V)``; minus infinity stays, and each row
            holds a finite value.
        most: The greatest value wanted of each row, shape ``(B,)``.

    Returns:
        Shape ``(B, V)``: in the same order, none above ``most``, the greatest equal to it.
        This is ``-log(exp(-most) - exp(-greatest) + exp(-values))`` without overflow.
    """
    limit = most[:, None]
    # The greatest has a gap of 0, whose logarithm is minus infinity, and keeps the limit. With
    # infinities about, vectorised subtraction may raise the flag for an invalid value although
    # every result is right; no result here is ever NaN, which a test holds.
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = values - values.max(axis=-1, keepdims=True)
        over = limit - values + _log_one_minus_exp(gap)
        return np.asarray(limit - np.maximum(over, 0.0) - np.log1p(np.exp(-np.abs(over))))


def _log_one_minus_exp(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """``log(1 - exp(x))`` for ``x <= 0``, precise near 0 and far below."""
    near = values > -math.log(2.0)
    result = np.empty_like(values)
    result[near] = np.log(-np.expm1(values[near]))
    result[~near] = np.log1p(-np.exp(values[~near]))
    return result
