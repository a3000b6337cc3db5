"""The ledger of a batch by hand: figures asked for at any time, against plain sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqgen import AutomatonGuide, FreeGuide, Guide
from seqgen.generation import rows
from seqgen.generation.chain import make_chain
from seqgen.generation.config import GenerateConfig
from seqgen.generation.rows import Rows
from seqgen.generation.sampler import InverseCDFSampler

from . import slow
from .tables import GroupedEncoder, TableModel, masked_row

ENCODER = GroupedEncoder("abecdi")
SIZE, START, END = ENCODER.vocabulary.size, ENCODER.vocabulary.start, ENCODER.vocabulary.end
CHAINS: dict[str, dict[str, Any]] = {
    "own": {},
    "factor": {"temperature": 0.7},
    "chain": {"repetition_penalty": 1.3, "temperature_schedule": "0:2 9:0.7", "top_p": 0.95},
}
LEDGERS = (0, SIZE, 5 * SIZE, 11 * SIZE * 7, 1 << 15, 1 << 24)


def guide(guided: bool) -> Guide[Any]:
    """Everything, or never two d in a row."""
    if not guided:
        return FreeGuide(SIZE)
    return AutomatonGuide(
        np.array([[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, -1, 0]]), np.array([True, True])
    )


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("chain", ["own", "factor", "chain"])
def test_figures_can_be_asked_for_at_any_time(
    monkeypatch: pytest.MonkeyPatch, chain: str, guided: bool, ledger: int
) -> None:
    """Read, draw, ask for figures or not, let rows go, and hold all to plain sums."""
    monkeypatch.setattr(rows, "_LEDGER", ledger)
    model, rng = TableModel.random(SIZE, 5), np.random.default_rng(ledger)
    model.table[..., END] = -np.inf  # no item ends, so that no row is lost but by choice
    config, walls = GenerateConfig(**CHAINS[chain]), guide(guided)
    batch = Rows(model, walls if guided else None, make_chain(config, ENCODER), range(100, 106))
    batch.read(np.full(6, START), first=True)
    sampler, wanted = InverseCDFSampler(), np.zeros((3, 6))
    histories: list[list[int]] = [[] for _ in range(6)]
    for step in range(30):
        if rng.random() < 0.3 and len(histories) > 2:
            kept = rng.permutation(len(histories))[:-1]
            batch.select(kept)
            wanted, histories = wanted[:, kept], [histories[row] for row in kept.tolist()]
        tokens = batch.choose(sampler, rng.random(len(histories)))
        for row, (history, token) in enumerate(zip(histories, tokens.tolist(), strict=True)):
            plain, masked = model.row(history), masked_row(model, walls, history)
            final = slow.settled(
                masked, history, config, ENCODER.vocabulary.symbols, ENCODER.token_groups
            )
            whole = slow.log_sum(plain)
            wanted[0, row] += plain[token] - whole
            wanted[1, row] += final[token] - slow.log_sum(final)
            wanted[2, row] += whole - slow.log_sum(masked)
            assert batch.tokens_of(row) == tuple(history)
        if rng.random() < 0.3:
            np.testing.assert_allclose(batch.figures(), wanted, atol=1e-4)
        batch.read(tokens)
        histories = [[*h, t] for h, t in zip(histories, tokens.tolist(), strict=True)]
        assert batch.length == step + 1
    np.testing.assert_allclose(batch.figures(), wanted, atol=1e-4)
