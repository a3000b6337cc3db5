"""Checks of generated items: decode() of all tokens of models, encodings, shipped models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from seqgen.domains.domain import NoOptions
from seqgen.errors import SeqgenError
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.rejection_sampling import TokensOnly
from seqgen.models.model_file import load_model
from seqgen.runs.dataset import make_card
from seqgen.testing.checks.encoder import (
    check_encoded_form,
    check_fit,
    check_json,
    check_round_trip,
    round_trips,
)
from seqgen.testing.checks.guide import (
    check_contexts,
    check_guide_accepts_corpus,
    check_guide_dead_ends,
    check_guide_form,
    check_guide_states,
)
from seqgen.testing.domain_under_test import DomainUnderTest, Prompt, extreme_values
from seqgen.testing.failures import (
    CheckFailed,
    NotApplicable,
    are_equal,
    format_value,
    report_errors,
    require,
)
from seqgen.testing.random_model import random_model
from seqgen.testing.random_walks import random_walk, random_walks

#: Samples and walks under the default options, and under each other prompt.
DEFAULT_SAMPLES, SAMPLES = 6, 2
#: The maximum number of tokens of a huge item.
HUGE = 5_000
DECODE_ALL = "decode() must never raise for tokens that a guided model can generate, ended or not"


def check_decode_total(domain: DomainUnderTest) -> str:
    """decode() accepts samples of an untrained model, by default and at each flag's extremes."""
    items, prompts = 0, 0
    for prompt in domain.prompts():
        count = DEFAULT_SAMPLES if prompt is domain.default_prompt else SAMPLES
        sequences = {tokens for tokens, _ in _walk(domain, prompt, count)}
        with domain.skip_if_fails("encoded_form", "guide_form", "contexts"):
            sequences |= _generate(domain, prompt, count)
        # The first sequence that fails is the smallest example.
        for tokens in sorted(sequences, key=lambda each: (len(each), each)):
            example = [domain.encoder.vocabulary.symbols[token] for token in tokens]
            with report_errors("decode()", DECODE_ALL, example, prompt.description):
                item, again = (domain.encoder.decode(tokens, prompt.condition) for _ in range(2))
            what = "decode() returned two items for the same tokens"
            change = "let the item depend only on the tokens and the condition"
            require(are_equal(item, again), what, change, example, prompt.description)
        items, prompts = items + len(sequences), prompts + 1
    return f"{items} items of {prompts} prompt{'s' * (prompts > 1)}"


def _walk(
    domain: DomainUnderTest, prompt: Prompt, count: int
) -> Iterable[tuple[tuple[int, ...], bool]]:
    """Return the tokens of random walks, each with whether it reached the end token."""
    walks = random_walks(prompt.guide, domain.encoder.vocabulary, count, domain.max_walk)
    return [(walk.tokens, walk.reason == "end") for walk in walks]


def _generate(domain: DomainUnderTest, prompt: Prompt, count: int) -> set[tuple[int, ...]]:
    """Return tokens that an untrained model generates."""
    encoder = domain.encoder
    sizes = tuple(encoder.context_sizes)
    model = random_model(encoder.vocabulary.size, seed=1, scale=1.0, context=sizes)
    config = SamplingConfig(max_tokens=domain.max_walk, batch_size=3)
    generator = Generator(model, TokensOnly(encoder), prompt.guide, config, prompt.condition)
    return {sample.tokens for sample in generator.samples(range(count))}


def check_small_items(domain: DomainUnderTest) -> str:
    """The empty item and items of one token round-trip if the guide allows them."""
    guide, end = domain.default_prompt.guide, domain.encoder.vocabulary.end
    first = np.flatnonzero(guide.allowed(guide.start(1))[0]).tolist()
    sequences: list[tuple[int, ...]] = [(), *((token,) for token in first if token != end)]
    tested = [tokens for tokens in sequences if _check_item(domain, tokens, "round_trip")]
    if not tested:
        raise NotApplicable("the guide allows no item of fewer than two tokens")
    return f"{'the empty item and ' * (() in tested)}{sum(map(len, tested))} of one token"


def check_drawn_items(domain: DomainUnderTest) -> str:
    """Items drawn to their end under the guide round-trip: generated items are valid."""
    walks = _walk(domain, domain.default_prompt, DEFAULT_SAMPLES)
    ended = {tokens for tokens, at_end in walks if at_end}
    if not ended:
        raise NotApplicable("no random walk reached an end")
    for tokens in sorted(ended, key=len):
        _check_item(domain, tokens, "round_trip", "small_items")
    return f"{len(ended)} items of up to {max(map(len, ended))} tokens"


def check_huge_items(domain: DomainUnderTest) -> str:
    """An item of the maximum length that the guide allows, up to 5,000 tokens, round-trips."""
    guide, rng = domain.default_prompt.guide, np.random.default_rng(0)
    walk = random_walk(guide, domain.encoder.vocabulary, rng, HUGE, end_bias=-np.inf)
    _check_item(domain, walk.tokens, "round_trip", "small_items", "drawn_items")
    return f"{len(walk.tokens):,} tokens"


def _check_item(domain: DomainUnderTest, tokens: tuple[int, ...], *checks: str) -> bool:
    """Check that tokens decode to an item that round-trips.

    Args:
        domain: The domain.
        tokens: Tokens that the guide allows under the default options.
        checks: The earlier checks that may report the same defect.

    Returns:
        False if the item cannot end after the tokens; then only ``decode`` is checked.
    """
    prompt, encoder = domain.default_prompt, domain.encoder
    symbols = [encoder.vocabulary.symbols[token] for token in tokens]
    with domain.skip_if_fails("decode_total"), report_errors("decode()", DECODE_ALL, symbols):
        item = encoder.decode(tokens, prompt.condition)
    if not prompt.guide.accepts(tokens, encoder.vocabulary.end):
        return False
    with domain.skip_if_fails(*checks):
        try:
            same = round_trips(encoder, item)
        except CheckFailed as failure:
            # Without a guide all tokens can be generated, and encode() may refuse invalid items.
            if domain.domain.guide is None and isinstance(failure.__cause__, SeqgenError):
                return True
            raise
        if not same:
            encoded = encoder.encode(item)
            decoded = encoder.decode(encoded.tokens.tolist(), encoded.condition)
            raise CheckFailed(
                "an item that can be generated does not come back as it was",
                "return only items from decode() that encode() preserves, or forbid the others "
                "in the guide",
                f"{format_value(item)} comes back as {format_value(decoded)}",
            )
    return True


#: The laws that depend on the encoding.
ENCODING_LAWS: tuple[Callable[[DomainUnderTest], str], ...] = (
    check_fit,
    check_round_trip,
    check_encoded_form,
    check_json,
    check_guide_form,
    check_guide_accepts_corpus,
    check_guide_dead_ends,
    check_guide_states,
    check_contexts,
    check_decode_total,
    check_drawn_items,
)


def check_encoding_options(domain: DomainUnderTest) -> str:
    """With any encoding options, the laws of encoder, guide and decode hold."""
    kind = domain.domain.encoding_options
    if kind is NoOptions:
        raise NotApplicable("the domain has no encoding options")
    tested = []
    for name, value in extreme_values(kind):
        try:
            encoding = replace(kind(), **{name: value})
        except SeqgenError:
            continue
        if encoding != kind():
            tested.append(f"{name} = {value!r}")
            _check_encoding(domain, encoding, tested[-1])
    if not tested:
        raise NotApplicable("every value is the default or is refused")
    return ", ".join(tested)


def _check_encoding(domain: DomainUnderTest, encoding: Any, description: str) -> None:
    other = domain.with_encoding(encoding)
    for law in ENCODING_LAWS:
        name = law.__name__.removeprefix("check_")
        try:
            if not domain.fails(name):  # a check that fails anyway reports its own failure
                law(other)
        except NotApplicable:
            continue
        except CheckFailed as failure:
            what = f"with {description}, {name}: {failure.what}"
            raise CheckFailed(what, failure.change, failure.example) from failure


def check_shipped_model(domain: DomainUnderTest) -> str:
    """The shipped model is usable and was trained on the shipped data."""
    path, encoder = domain.domain.model, domain.encoder
    if path is None:
        raise NotApplicable("the domain ships no model")
    change = "set Domain.model to Path(__file__).parent / ..., and list the file in package-data"
    require(path.is_file(), "there is no file at Domain.model", change, path)
    retrain = "retrain it on the data that you ship, and replace the model file"
    with domain.skip_if_fails("json", "fingerprint"):
        try:
            trained = load_model(path, domain.loaded)
        except SeqgenError as error:
            raise CheckFailed(f"the shipped model cannot be used: {error}", retrain) from None
    same = trained.encoder.fingerprint() == encoder.fingerprint()
    require(same, "the shipped model has another vocabulary than the data", retrain)
    encoded = [domain.encode(item) for item in domain.items]
    same = (
        make_card(domain.corpus, encoder, encoded, {}).digest
        == (trained.manifest["data_card"]["digest"])
    )
    require(same, "the shipped model was trained on other items", retrain)
    return f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"
