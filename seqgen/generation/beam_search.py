"""Beam search and stochastic beam search: several distinct items at once, best first."""

from __future__ import annotations

import hashlib
import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.domains.guide import Guide
from seqgen.errors import SettingError
from seqgen.generation.decoding_batch import DecodingBatch
from seqgen.generation.generator import Sample, check_prompt, longest_item, make_chain
from seqgen.generation.logits_processor import LogitsProcessor
from seqgen.generation.sampler import ItemSampler
from seqgen.generation.sampling_config import BeamOptions, SamplingConfig
from seqgen.models.sequence_model import SequenceModel, log_softmax

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Maximum number of items of a stochastic beam search, which are all in memory.
_MOST_ITEMS = 100_000
#: The uniform 0 would be an infinite Gumbel.
_LEAST_UNIFORM = 2.0**-54
#: Philox streams of samples have a key (seed, index) with a smaller index than this.
_STREAM = 2**64 - 1


@final
@dataclass(frozen=True, slots=True)
class Hypotheses:
    """Unfinished items of one length, best first, with the scores of every next token.

    Args:
        tokens: Token ids, prompt included, shape ``(B, T)``.
        sums: As in ``Sample``: log-probability under the model and under the settings, and the
            log-mass removed by the guide, so far; shape ``(3, B)``, in nats.
        priority: What they are ranked by, shape ``(B,)``.
        logp: Log-probabilities of the next token under the model, shape ``(B, V)``.
        logp_settings: The same under the guide and the settings; minus infinity for excluded
            tokens and in the rows of hypotheses that are cut off.
        masked: The log-mass that the guide removes at the next token, shape ``(B,)``.
        reasons: Why a hypothesis is cut off, as in ``Sample``; "" if it continues.
    """

    tokens: Ints
    sums: Floats
    priority: Floats
    logp: Floats
    logp_settings: Floats
    masked: Floats
    reasons: NDArray[np.str_]

    @property
    def continues(self) -> NDArray[np.bool_]:
        """Which hypotheses have a next token, shape ``(B,)``."""
        return np.asarray(self.reasons == "")

    def sums_after(self, rows: Ints, tokens: Ints) -> Floats:
        """``sums`` of some rows after their next token, shape ``(3, N)``."""
        gains = self.logp[rows, tokens], self.logp_settings[rows, tokens], self.masked[rows]
        return self.sums[:, rows] + np.stack(gains)


class _Finished(NamedTuple):
    """An item that has ended or is cut off."""

    priority: float
    tokens: tuple[int, ...]
    reason: str
    sums: tuple[float, ...]


class Search(ItemSampler):
    """Keeps the best hypotheses, extends all of them by one token, and keeps the best again.

    Finished items remain candidates, unchanged. An item that is cut off, at the maximum length or
    at a dead end, is also finished, as it is for ``Generator``.

    Of candidates with equal priority, the one that finished earlier comes first, then the one with
    the lower last token id, then the one whose hypothesis came first.

    Args:
        model: Any next-token model.
        encoder: The fitted encoder.
        guide: The allowed tokens; ``FreeGuide`` for all.
        config: The settings. ``max_tokens`` is required if the guide has no bound.
        condition: The condition of every item, for ``Encoder.decode``.
        prompt: Token ids that every item begins with.
        processors: Applied in addition to those of the settings.

    Raises:
        SeqgenError: The length has no bound, or the guide does not allow the prompt.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        encoder: Encoder[Any],
        guide: Guide[Any],
        config: SamplingConfig,
        condition: Any = None,
        prompt: Sequence[int] = (),
        processors: Sequence[LogitsProcessor[Any]] = (),
    ) -> None:
        self._model, self._encoder, self._guide, self._config = model, encoder, guide, config
        self._condition, self._prompt = condition, tuple(prompt)
        self._chain = make_chain(config, encoder, processors)
        self._end = encoder.vocabulary.end
        self._longest = longest_item(config, guide)
        check_prompt(guide, encoder.vocabulary, self._prompt, self._longest)

    @abstractmethod
    def _width(self, number: int) -> int:
        """The number of candidates to keep if ``number`` items are requested."""

    @abstractmethod
    def _priorities(self, hypotheses: Hypotheses) -> Floats:
        """The priority of each next token, shape ``(B, V)``; minus infinity where
        ``logp_settings`` is."""

    @abstractmethod
    def _bound(self, hypotheses: Hypotheses) -> Floats:
        """An upper bound of the priority of every item with this prefix, ``(B,)``."""

    @final
    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def samples(self, number: int) -> list[Sample]:
        """This many distinct items, best first; fewer only if no more are possible.

        A smaller number returns the same first items. The index of a sample is its rank.

        Raises:
            SettingError: The settings do not allow this many.
        """
        if number < 1:
            return []
        width = self._width(number)
        batch = DecodingBatch(self._model, self._guide, self._chain, [0], self._prompt, steps=1)
        sums, priority = np.zeros((3, 1)), np.zeros(1)
        finished: list[_Finished] = []
        while len(priority):
            found = self._score(batch, sums, priority)
            cut = np.flatnonzero(~found.continues)
            finished += _finish(found.tokens[cut], found.reasons[cut], sums[:, cut], priority[cut])
            if self._is_complete(finished, found, number):
                break
            finished, rows, tokens, priority = self._select_best(finished, found, width)
            sums, ended = found.sums_after(rows, tokens), tokens == self._end
            ends = np.full(int(ended.sum()), "end")
            finished += _finish(found.tokens[rows[ended]], ends, sums[:, ended], priority[ended])
            rows, tokens = rows[~ended], tokens[~ended]
            sums, priority = sums[:, ~ended], priority[~ended]
            if len(rows):
                batch.select(rows)
                batch.read(tokens)
        finished.sort(key=lambda item: -item.priority)  # stable
        return [self._sample(rank, item) for rank, item in enumerate(finished[:number])]

    def _score(self, batch: DecodingBatch, sums: Floats, priority: Floats) -> Hypotheses:
        """The hypotheses of a batch with the scores of their next tokens."""
        logp, masked = log_softmax(batch.raw_logits), np.zeros(len(priority))
        if batch.allowed is not None:
            mass = np.log(np.exp(np.where(batch.allowed, logp, -np.inf)).sum(axis=-1))
            masked = np.where(batch.allowed.all(axis=-1), 0.0, np.maximum(-mass, 0.0))
        reasons = batch.cut_off(self._longest, self._end)
        if reasons is None:
            reasons = np.full(len(priority), "")
        logp_settings, continues = np.full(logp.shape, -np.inf), reasons == ""
        logp_settings[continues] = log_softmax(batch.logits[continues])
        return Hypotheses(batch.tokens, sums, priority, logp, logp_settings, masked, reasons)

    def _is_complete(self, finished: list[_Finished], found: Hypotheses, number: int) -> bool:
        """Whether no hypothesis continues, or none can become one of the first items."""
        if not found.continues.any():
            return True
        if len(finished) < number:
            return False
        last = sorted((item.priority for item in finished), reverse=True)[number - 1]
        return bool(last >= self._bound(found)[found.continues].max())

    def _select_best(
        self, finished: list[_Finished], found: Hypotheses, width: int
    ) -> tuple[list[_Finished], Ints, Ints, Floats]:
        """The best of all finished items and of all hypotheses with one more token.

        Returns:
            The finished items that are kept, and of each kept hypothesis the row that it extends,
            its new token and its priority.
        """
        priorities = self._priorities(found)
        rows, tokens = np.nonzero(priorities > -np.inf)
        count = len(finished)
        all_ = np.concatenate([[item.priority for item in finished], priorities[rows, tokens]])
        places = np.arange(len(all_))
        if len(all_) > width:  # sorting all of them would take most of the time
            least = np.partition(all_, len(all_) - width)[len(all_) - width]
            places = np.flatnonzero(all_ >= least)
        # Finished items come first among equals, in their order.
        token = np.concatenate([np.full(count, -1), tokens])[places]
        row = np.concatenate([np.arange(count), rows])[places]
        best = places[np.lexsort((row, token, -all_[places]))[:width]]
        kept = best[best >= count]
        finished = [finished[at] for at in best[best < count].tolist()]
        return finished, rows[kept - count], tokens[kept - count], all_[kept]

    def _sample(self, rank: int, item: _Finished) -> Sample:
        decoded = self._encoder.decode(item.tokens, self._condition)
        return Sample(rank, item.tokens, decoded, item.reason, *item.sums)


def _finish(
    tokens: Ints, reasons: NDArray[np.str_], sums: Floats, priority: Floats
) -> list[_Finished]:
    columns = priority.tolist(), tokens.tolist(), reasons.tolist(), sums.T.tolist()
    return [
        _Finished(rank, tuple(row), reason, tuple(parts))
        for rank, row, reason, parts in zip(*columns, strict=True)
    ]


@final
class BeamSearch(Search):
    """Searches for the most probable items under the settings and the guide.

    The score of an item is its log-probability under the settings (``logp_settings`` of the
    sample) divided by its length to the power of ``length_penalty``. The length counts the tokens
    after the prompt and the end token. A penalty of 0 ranks by log-probability; one above 0
    favours long items, because every further token only lowers the log-probability.

    One beam is greedy search; the result is exact if ``beams`` is at least the number of prefixes
    of any one length. The search stops as soon as no hypothesis can become one of the requested
    items: its log-probability cannot rise, so its score is bounded by its log-probability over
    the maximum length to the power. Source of length normalisation: Y. Wu et al., "Google's
    neural machine translation system", 2016, section 7; here with the plain power of the length.
    """

    name, Options = "beam", BeamOptions

    def _width(self, number: int) -> int:
        if number > self._config.beams:
            raise SettingError(
                f"beams must be >= the number of requested items, {number}, was "
                f"{self._config.beams}: raise beams or request fewer items",
                "beams",
            )
        return self._config.beams

    def _priorities(self, hypotheses: Hypotheses) -> Floats:
        length = hypotheses.tokens.shape[1] - len(self._prompt) + 1
        return self._scores(hypotheses.sums[1][:, None] + hypotheses.logp_settings, length)

    def _bound(self, hypotheses: Hypotheses) -> Floats:
        return self._scores(hypotheses.sums[1], self._longest - len(self._prompt) + 1)

    def _scores(self, logp: Floats, length: int) -> Floats:
        return np.asarray(logp / length**self._config.length_penalty)


@final
class StochasticBeamSearch(Search):
    """Draws distinct items without replacement, from the distribution of the settings.

    The first item has the probabilities of ordinary sampling; each further one has those of
    sampling, conditioned on being different from all earlier items. All sampling settings change
    this distribution.

    The log-probability of each item, plus standard Gumbel noise of its own, ranks the items in
    this order (Gumbel top-k). The maximum over all items with a common prefix can be drawn before
    they are known, and then passed down: one child of the prefix has this maximum, and the noise
    of the others is drawn below it. So only the best prefixes need to be extended. Source: W.
    Kool, H. van Hoof and M. Welling, "Stochastic beams and where to find them", ICML 2019,
    section 4 and appendix B.3.

    The noise of a prefix is a function of (seed, its tokens). So item ``n`` does not depend on how
    many are requested, nor on the engine if its logits are the same.
    """

    name = "stochastic-beam"

    def _width(self, number: int) -> int:
        if number > _MOST_ITEMS:
            raise SettingError(
                f"the stochastic-beam sampler finds at most {_MOST_ITEMS:,} items together, "
                f"{number:,} were requested: request fewer, or use several seeds",
                "sampler",
            )
        return number

    def _priorities(self, hypotheses: Hypotheses) -> Floats:
        logp = hypotheses.sums[1][:, None] + hypotheses.logp_settings
        noise = node_gumbels(self._config.seed, hypotheses.tokens, logp.shape[1])
        continues, result = hypotheses.continues, np.full(logp.shape, -np.inf)
        # The order of the items does not depend on the maximum of all, which starts as 0.
        result[continues] = lower_gumbels((logp + noise)[continues], hypotheses.priority[continues])
        return result

    def _bound(self, hypotheses: Hypotheses) -> Floats:
        return hypotheses.priority


def node_gumbels(seed: int, tokens: Ints, size: int) -> Floats:
    """Standard Gumbel noise for the children of each prefix.

    Uniforms come from Philox with the seed as its key, from a position in its period that is a
    hash of the prefix's tokens (128 bits of BLAKE2b).

    Args:
        seed: 0 to 2**64 - 1.
        tokens: Shape ``(B, T)``.
        size: The number of children of each prefix.

    Returns:
        Shape ``(B, size)``, finite.
    """
    bits = np.random.Philox(key=np.array([seed, _STREAM], dtype=np.uint64))
    stream, state = np.random.Generator(bits), bits.state
    uniforms = np.empty((len(tokens), size))
    for row, path in enumerate(np.asarray(tokens, dtype="<i8")):
        digest = hashlib.blake2b(path.tobytes(), digest_size=16).digest()
        state["state"]["counter"][1:3] = np.frombuffer(digest, dtype="<u8")
        bits.state = state  # much faster than a new generator
        stream.random(out=uniforms[row])
    np.maximum(uniforms, _LEAST_UNIFORM, out=uniforms)
    return np.asarray(-np.log(-np.log(uniforms)))


def lower_gumbels(values: Floats, most: Floats) -> Floats:
    """Gumbel variables conditioned on the maximum of each row.

    Args:
        values: Without the condition, shape ``(B, V)``; minus infinity stays, and each row has a
            finite value.
        most: The maximum of each row, shape ``(B,)``.

    Returns:
        Shape ``(B, V)``: in the same order, the greatest of each row equal to its maximum. This
        is ``-log(exp(-most) - exp(-greatest) + exp(-values))`` without overflow.
    """
    limit = most[:, None]
    # The greatest has a gap of 0, whose logarithm is minus infinity, and gets the limit.
    # Vectorised subtraction of infinities may raise the flag for an invalid value although every
    # result is right; no result is ever NaN.
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = values - values.max(axis=-1, keepdims=True)
        over = limit - values + _log_one_minus_exp(gap)
        return np.asarray(limit - np.maximum(over, 0.0) - np.log1p(np.exp(-np.abs(over))))


def _log_one_minus_exp(values: Floats) -> Floats:
    """``log(1 - exp(x))`` for ``x <= 0``, accurate near 0 and far below."""
    near = values > -math.log(2.0)
    result = np.empty_like(values)
    result[near] = np.log(-np.expm1(values[near]))
    result[~near] = np.log1p(-np.exp(values[~near]))
    return result
