"""Stand-ins that keep tests small: a model that spells a word, random weights, a model by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.char_encoder import CharEncoder
from seqgen.domains.corpus import Corpus
from seqgen.domains.domain import Domain
from seqgen.domains.guide import RowGuide
from seqgen.domains.registry import LoadedDomain, load_domain
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.baselines import fit_ngram, measure_baselines
from seqgen.evaluation.likelihood import likelihood
from seqgen.evaluation.novelty import hash_items
from seqgen.generation.config import GenerateConfig
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.model_file import TrainedModel
from seqgen.models.ngram import counts_to_arrays
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import SequenceModel, forward_by_steps
from seqgen.models.share_weight_rnn import weight_shapes
from seqgen.models.training_items import items_to_arrays
from seqgen.runs.data import load_corpus, prepare_data
from seqgen.settings import settings_to
from seqgen.training.config import TrainConfig

#: A model by hand is trained on nothing and scored on little, so it is ready at once.
FEW_NAMES = 120


@final
class SpellingModel(SequenceModel[NDArray[np.int64]]):
    """Spells one word and ends, whatever it reads: the wanted token leads by ``lead`` nats.

    The state of a row is the number of tokens it has read, the start token not counted.

    Args:
        word: Token ids, without the end token.
        size: ``V``; the end token is ``size - 1``.
        lead: The logit of the wanted token; all others have 0.
    """

    def __init__(self, word: Sequence[int], size: int, lead: float = 50.0) -> None:
        self.shape = ModelShape(size)
        self._wanted = np.array([*word, size - 1])
        self._lead = lead

    def initial_state(self, batch: int) -> NDArray[np.int64]:
        return np.zeros(batch, np.int64)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        assert tokens.shape == state.shape, "one token a row"
        logits = np.zeros((len(state), self.shape.vocabulary_size), np.float32)
        place = np.minimum(state, len(self._wanted) - 1)
        logits[np.arange(len(state)), self._wanted[place]] = self._lead
        return logits, state + 1

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[np.int64]:
        kept: NDArray[np.int64] = state[rows]
        return kept


@final
class StepGuide(RowGuide[int]):
    """Allows at place ``t`` only the ids of ``steps[t]``, and nothing after the last.

    Its context row is the place itself.
    """

    def __init__(self, steps: Sequence[Sequence[int]], size: int) -> None:
        self._masks = np.zeros((len(steps) + 1, size), dtype=bool)
        for place, ids in enumerate(steps):
            self._masks[place, list(ids)] = True

    def row_start(self) -> int:
        return 0

    def row_allowed(self, state: int) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = self._masks[state]
        return mask

    def row_advance(self, state: int, token: int) -> int:
        return state + 1

    def row_context(self, state: int) -> list[int]:
        return [state]


def random_weights(
    config: ModelConfig, shape: ModelShape, seed: int = 0, scale: float = 0.5
) -> dict[str, NDArray[np.float32]]:
    """Normal weights of the given spread, biases included."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0.0, scale, wanted).astype(np.float32)
        for name, wanted in weight_shapes(config, shape).items()
    }


def random_model(
    size: int, seed: int = 0, *, scale: float = 0.5, context: tuple[int, ...] = (), **config: Any
) -> NumpyRNN:
    """An untrained NumpyRNN with random weights; ``config`` are fields of ModelConfig."""
    shape = ModelShape(size, context)
    settings = ModelConfig(**{"units": 8, **config})
    return NumpyRNN(settings, shape, random_weights(settings, shape, seed, scale))


def letters(text: str = "abcdefghijklmnopqrstuvwxyz") -> CharEncoder:
    """A fitted encoder over the given characters."""
    return CharEncoder(Vocabulary(tuple(sorted(set(text)))))


def dinos() -> LoadedDomain:
    """The installed dinos domain."""
    return load_domain("dinos")


def dino_names() -> tuple[str, ...]:
    """A few of the names that the dinos plugin ships, spread over the alphabet."""
    domain = dinos().domain
    names = load_corpus(domain, None, domain.data_options()).items
    return tuple(names[:: max(1, len(names) // FEW_NAMES)])


def model_by_hand(loaded: LoadedDomain, items: Sequence[Any], seed: int = 0) -> TrainedModel:
    """A model of random weights with everything that training would have stored beside it."""
    training = TrainConfig()
    data = prepare_data(loaded.domain, Corpus(tuple(items)), training)
    context = tuple(data.encoder.context_sizes)
    model = random_model(data.encoder.vocabulary.size, seed, context=context, units=12)
    vocabulary, held_out = data.encoder.vocabulary, data.part(data.split.held_out)
    ngram = fit_ngram(data.part(data.split.train), data.part(data.split.validation), vocabulary)
    figures = likelihood(model, held_out, vocabulary)
    manifest = {
        "domain": {
            "name": loaded.domain.name,
            "distribution": loaded.distribution,
            "version": loaded.version,
        },
        "identity": "by hand",
        "training": settings_to(training),
        "generation": settings_to(GenerateConfig()),
        "data_card": data.card.to_json(),
        "training_ended": {"ended": "epochs", "epochs": 1, "best_epoch": 1},
        "metrics": {
            "held_out": {
                "nats_per_token": figures.per_token,
                "interval": list(figures.interval()),
                "items": len(held_out),
                "tokens": int(figures.tokens.sum()),
                "baselines": measure_baselines(ngram, held_out, vocabulary).to_json(),
            },
            "validation_nats_per_token": 1.0,
            "parameters": model.parameters,
        },
        "equivalence": {"largest_difference_nats": 1e-6, "tokens": 100},
    }
    sequences = [data.encoded[index].tokens for index in data.split.train]
    arrays = counts_to_arrays(ngram.counts, ngram.order)
    kept = items_to_arrays(sequences, vocabulary.size)
    return TrainedModel((model,), data.encoder, manifest, hash_items(sequences), arrays, kept)


def text_domain(items: Sequence[str], **fields: Any) -> Domain:
    """A domain of text items that need no file."""
    return Domain(
        **{
            "name": "words",
            "summary": "Words",
            "corpus": lambda source: items,
            "encoder": CharEncoder,
            **fields,
        }
    )
