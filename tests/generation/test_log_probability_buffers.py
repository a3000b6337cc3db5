"""The buffered log-probabilities of a batch, compared with plain sums at any time, also for logits
beyond the range of exponentials; dead ends that processors cause."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqgen import AutomatonGuide, FreeGuide, Guide
from seqgen.generation import decoding_batch
from seqgen.generation.decoding_batch import DecodingBatch
from seqgen.generation.generator import Generator, make_chain
from seqgen.generation.sampler import InverseCDFSampler
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers import slow_references as slow
from ..helpers.table_model import GroupedEncoder, TableModel, masked_row
from ..helpers.unusual_guides import MoodyGuide

ENCODER = GroupedEncoder("abecdi")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
CHAINS: dict[str, dict[str, Any]] = {
    "own": {},
    "factor": {"temperature": 0.7},
    "chain": {"repetition_penalty": 1.3, "temperature_schedule": "0:2 9:0.7", "top_p": 0.95},
}
BUFFERED = (0, SIZE, 5 * SIZE, 11 * SIZE * 7, 1 << 15, 1 << 24)


def guide(guided: bool) -> Guide[Any]:
    """Everything, or never two d in a row."""
    if not guided:
        return FreeGuide(SIZE)
    return AutomatonGuide(
        np.array([[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, -1, 0]]), np.array([True, True])
    )


@pytest.mark.parametrize("buffered", BUFFERED)
@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("chain", ["own", "factor", "chain"])
def test_log_probabilities_are_right_at_any_time(
    monkeypatch: pytest.MonkeyPatch, chain: str, guided: bool, buffered: int
) -> None:
    """Read, draw, remove rows, and compare with plain sums."""
    monkeypatch.setattr(decoding_batch, "_LOGITS", buffered)
    model, rng = TableModel.random(SIZE, 5), np.random.default_rng(buffered)
    model.table[..., END] = -np.inf  # no item ends, so that no row is lost but by choice
    config, walls = SamplingConfig(**CHAINS[chain]), guide(guided)
    chain_ = make_chain(config, ENCODER)
    batch = DecodingBatch(model, walls, chain_, range(100, 106), sampler=InverseCDFSampler())
    wanted = np.zeros((3, 6))
    histories: list[list[int]] = [[] for _ in range(6)]
    for step in range(30):
        if rng.random() < 0.3 and len(histories) > 2:
            kept = rng.permutation(len(histories))[:-1]
            batch.select(kept)
            wanted, histories = wanted[:, kept], [histories[row] for row in kept.tolist()]
        tokens = batch.draw(rng.random(len(histories)))
        for row, (history, token) in enumerate(zip(histories, tokens.tolist(), strict=True)):
            plain, masked = model.row(history), masked_row(model, walls, history)
            final = slow.settled(
                masked, history, config, ENCODER.vocabulary.symbols, ENCODER.token_groups
            )
            whole = slow.log_sum(plain)
            wanted[0, row] += plain[token] - whole
            wanted[1, row] += final[token] - slow.log_sum(final)
            wanted[2, row] += whole - slow.log_sum(masked)
            assert batch.tokens[row].tolist() == history
        if rng.random() < 0.3:
            np.testing.assert_allclose(batch.log_probabilities(), wanted, atol=1e-4)
        batch.read(tokens)
        histories = [[*h, t] for h, t in zip(histories, tokens.tolist(), strict=True)]
        assert batch.length == step + 1
    np.testing.assert_allclose(batch.log_probabilities(), wanted, atol=1e-4)


@pytest.mark.parametrize("shift", [-500.0, -95.0, 95.0, 500.0])
@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"sampler": "greedy"}], ids=str)
@pytest.mark.parametrize("batch_size", [1, 8])
@pytest.mark.parametrize("buffered", [0, 1 << 15])
def test_logits_beyond_the_range_of_exponentials(
    monkeypatch: pytest.MonkeyPatch,
    buffered: int,
    batch_size: int,
    settings: dict[str, Any],
    shift: float,
) -> None:
    monkeypatch.setattr(decoding_batch, "_LOGITS", buffered)
    encoder = GroupedEncoder("abc")
    sixteenths = np.round(TableModel.random(4, 1, 2.0).table * 16) / 16
    plain = TableModel(sixteenths.astype(np.float32))
    table = plain.table.copy()
    table[:, ::2] += shift  # so that some rows of a batch need care and others none
    config = SamplingConfig(max_tokens=6, batch_size=batch_size, **settings)
    for guide in (FreeGuide(4), MoodyGuide(np.ones((9, 5, 4), dtype=bool))):
        found, wanted = (
            list(Generator(model, encoder, guide, config).samples(range(24)))
            for model in (TableModel(table), plain)
        )
        for one, other in zip(found, wanted, strict=True):
            assert one.tokens == other.tokens and one.finish_reason == other.finish_reason
            assert one.logp == pytest.approx(other.logp, abs=1e-4)
            assert one.logp_settings == pytest.approx(other.logp_settings, abs=2e-4)
            assert one.masked == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("batch_size", [1, 8])
@pytest.mark.parametrize(
    "settings", [{"no_repeat_ngram": 1}, {"ban": "a b c"}, {"min_tokens": 5, "no_repeat_ngram": 1}]
)
def test_a_processor_that_excludes_everything_is_a_dead_end(
    settings: dict[str, Any], batch_size: int
) -> None:
    model = TableModel.random(4, 1)
    model.table[..., 3] = -np.inf  # no end
    config = SamplingConfig(max_tokens=9, batch_size=batch_size, **settings)
    for sample in Generator(model, GroupedEncoder("abc"), FreeGuide(4), config).samples(range(9)):
        assert sample.finish_reason == "dead_end"
        assert sorted(sample.tokens) == ([] if "ban" in settings else [0, 1, 2])
        assert np.isfinite([sample.logp, sample.logp_settings, sample.masked]).all()
