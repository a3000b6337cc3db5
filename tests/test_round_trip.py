"""Law 1 over every installed plugin: its items come back, its guide and its model file know them.

A plugin is tested here by being installed. One that cannot be loaded is skipped with the reason.
"""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

import pytest

from seqgen import Encoder, SeqgenError
from seqgen.domains.registry import LoadedDomain, installed_plugins, load_domain
from seqgen.generation.config import GenerateConfig
from seqgen.generation.generate import Generator
from seqgen.runs.data import load_corpus
from seqgen.runs.sample_run import make_guide

from .fakes import random_model

#: Items of each corpus that are tried, spread over all of it.
ITEMS = 24
PLUGINS = list(installed_plugins())


@cache
def loaded(name: str) -> tuple[LoadedDomain, tuple[Any, ...], Encoder[Any]]:
    """The domain, some of its items and an encoder fitted to all of them."""
    plugin = load_domain(name)
    items = load_corpus(plugin.domain, None, plugin.domain.data_options()).items
    encoder = plugin.domain.encoder().fit(items)
    return plugin, items[:: max(1, len(items) // ITEMS)], encoder


@pytest.fixture(params=PLUGINS)
def plugin(
    request: pytest.FixtureRequest,
) -> tuple[LoadedDomain, tuple[Any, ...], Encoder[Any]]:
    try:
        return loaded(request.param)
    except (SeqgenError, ImportError) as error:
        pytest.skip(f"{request.param} cannot be loaded: {error}")


Loaded = tuple[LoadedDomain, tuple[Any, ...], Encoder[Any]]


def test_a_plugin_is_installed() -> None:
    assert "dinos" in PLUGINS


def test_items_come_back(plugin: Loaded) -> None:
    _, items, encoder = plugin
    for item in items:
        encoded = encoder.encode(item)
        assert encoder.decode(encoded.tokens.tolist(), encoded.condition) == item


def test_encoded_items_are_as_documented(plugin: Loaded) -> None:
    _, items, encoder = plugin
    sizes = encoder.context_sizes
    for encoded in map(encoder.encode, items):
        assert encoded.tokens.ndim == 1 and encoded.tokens.dtype == "int32"
        assert ((encoded.tokens >= 0) & (encoded.tokens < encoder.vocabulary.end)).all()
        if encoded.context is None:
            assert sizes == ()
            continue
        assert encoded.context.dtype == "int32"
        assert encoded.context.shape == (len(encoded.tokens) + 1, len(sizes))
        assert (encoded.context >= 0).all() and (encoded.context < sizes).all()


def test_the_encoder_comes_back_from_json(plugin: Loaded) -> None:
    _, items, encoder = plugin
    again = type(encoder).from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)))
    assert again.fingerprint() == encoder.fingerprint()
    assert again.vocabulary == encoder.vocabulary
    for item in items:
        assert (again.encode(item).tokens == encoder.encode(item).tokens).all()


def test_augmented_items_come_back(plugin: Loaded) -> None:
    domain, items, encoder = plugin
    augment = domain.domain.augment
    if augment is None:
        pytest.skip(f"{domain.domain.name} does not augment")
    for place, item in enumerate(items):
        other = augment(item, Random(place))
        assert augment(item, Random(place)) == other, "the same for the same random numbers"
        encoded = encoder.encode(other)
        assert encoder.decode(encoded.tokens.tolist(), encoded.condition) == other


def test_the_guide_accepts_every_item_and_gives_its_context(plugin: Loaded) -> None:
    domain, items, encoder = plugin
    for item in items:
        encoded = encoder.encode(item)
        guide = make_guide(
            domain.domain, encoder, domain.domain.prompt_options(), encoded.condition
        )
        state = guide.start(1)
        for place, token in enumerate([*encoded.tokens.tolist(), encoder.vocabulary.end]):
            allowed = guide.allowed(state)
            assert allowed.shape == (1, encoder.vocabulary.size) and allowed.dtype == bool
            assert allowed[0, token], f"token {place} of {item!r} is refused"
            context = guide.context(state)
            if encoded.context is not None:
                assert context is not None and (context[0] == encoded.context[place]).all()
            if token != encoder.vocabulary.end:
                state = guide.advance(state, encoded.tokens[place : place + 1].astype("int64"))


def test_text_is_one_line(plugin: Loaded) -> None:
    domain, items, _ = plugin
    for item in items:
        assert len(domain.domain.text(item).splitlines()) == 1


def test_an_untrained_model_makes_valid_items(plugin: Loaded) -> None:
    domain, items, encoder = plugin
    options = domain.domain.prompt_options()
    condition = domain.domain.condition(options) if domain.domain.condition else None
    guide = make_guide(domain.domain, encoder, options, condition)
    longest = 4 * max(len(encoder.encode(item).tokens) for item in items)
    model = random_model(encoder.vocabulary.size, seed=1, context=tuple(encoder.context_sizes))
    config = GenerateConfig(max_tokens=None if guide.max_tokens else longest, batch_size=3)
    for sample in Generator(model, encoder, guide, config, condition).samples(range(5)):
        # Without any bound of its own a domain may run into the framework's.
        assert sample.finish_reason == "end" or guide.max_tokens is None
        assert sample.finish_reason != "dead_end"
        assert len(domain.domain.text(sample.item).splitlines()) == 1
        encoded = encoder.encode(sample.item)
        assert encoder.decode(encoded.tokens.tolist(), encoded.condition) == sample.item
