"""measure_speed: how fast a domain encodes, decodes and generates."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from seqgen.generation.generator import Generator
from seqgen.runs.presets import choose_preset
from seqgen.runs.run_config import RunConfig
from seqgen.settings import settings_to
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.random_model import random_model

#: Each rate is measured over at least this many seconds.
SECONDS = 0.1
#: The items that are generated, and their maximum number of tokens.
GENERATED, MAX_TOKENS = 8, 100


def measure_speed(domain: DomainUnderTest) -> dict[str, float]:
    """Measure items encoded and decoded per second, and tokens generated per second.

    Tokens are generated under the default options by a model with random weights, of the size
    that ``seqgen train`` chooses for the corpus. The rates are wall-clock rates of this process.
    """
    encoder, items = domain.encoder, domain.sample_items
    encoded = [encoder.encode(item) for item in items]
    lists = [(each.tokens.tolist(), each.condition) for each in encoded]
    tokens = sum(len(each.tokens) + 1 for each in encoded) * len(domain.items) // len(items)
    config = RunConfig.build(domain.domain, {}).with_preset(choose_preset(None, tokens))
    size, contexts = encoder.vocabulary.size, tuple(encoder.context_sizes)
    model = random_model(size, context=contexts, **settings_to(config.model))
    prompt = domain.default_prompt
    sampling = replace(config.sampling, max_tokens=MAX_TOKENS)
    generator = Generator(model, encoder, prompt.guide, sampling, prompt.condition)

    starts = count(step=GENERATED)

    def generate() -> int:
        start = next(starts)  # new samples, whose masks a guide has not cached
        samples = generator.samples(range(start, start + GENERATED))
        return sum(len(sample.tokens) + (sample.finish_reason == "end") for sample in samples)

    return {
        "items encoded per second": _rate(lambda: len([encoder.encode(item) for item in items])),
        "items decoded per second": _rate(lambda: len([encoder.decode(*each) for each in lists])),
        "tokens generated per second": _rate(generate),
    }


def _rate(run: Callable[[], int]) -> float:
    """Return the results of ``run`` per second."""
    run()  # imports and allocates
    start, total, spent = time.perf_counter(), 0, 0.0
    while spent < SECONDS:
        total += run()
        spent = time.perf_counter() - start
    return total / spent
