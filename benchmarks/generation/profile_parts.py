"""Profile of a step: the parts of seqgen's loop, and single NumPy calls inside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.generation.network import SEED, VOCABULARY, Cell
from benchmarks.generation.peers import seqgen_peer
from benchmarks.timing import Peer, Spread, interleave
from seqgen.generation.sampler import InverseCDFSampler, Noise

TOTAL = "seqgen, total"
READ = "model step (`stepper.read`)"
CHOOSE = "token sampling (`sampler.choose`)"
NOISE = "random numbers (`Noise.next`)"
REMAINDER = "remainder: log-probabilities, bookkeeping, the sample"
PARTS = (READ, CHOOSE, NOISE)


def profile_parts(cell: Cell, rounds: int, min_seconds: float) -> dict[str, Spread]:
    """Microseconds per token of each part by name; each is timed separately."""
    total = seqgen_peer(cell, TOTAL)
    steps = {READ: _read(cell), CHOOSE: _choose(cell), NOISE: _noise(cell), **_arithmetic(cell)}
    peers = [
        total,
        *(Peer(name, _repeat(run, cell.steps), cell.tokens) for name, run in steps.items()),
    ]
    interleave(peers, rounds, min_seconds)
    by_name = {peer.name: peer.rounds for peer in peers}
    remainder = [
        seconds - sum(parts)
        for seconds, *parts in zip(total.rounds, *(by_name[name] for name in PARTS), strict=True)
    ]
    return {name: Spread.of(values) for name, values in {**by_name, REMAINDER: remainder}.items()}


def _repeat(run: Callable[[], object], times: int) -> Callable[[], None]:
    def run_all() -> None:
        for _ in range(times):
            run()

    return run_all


def _read(cell: Cell) -> Callable[[], object]:
    stepper = cell.network.model.stepper(cell.batch)
    tokens = np.random.default_rng(0).integers(0, VOCABULARY - 1, cell.batch)
    return lambda: stepper.read(tokens, None)


def _choose(cell: Cell) -> Callable[[], object]:
    sampler, logits, uniforms = InverseCDFSampler(), _logits(cell), cell.uniforms[0]
    return lambda: sampler.draw(logits, uniforms)


def _noise(cell: Cell) -> Callable[[], object]:
    return Noise(SEED, range(cell.batch)).next


def _logits(cell: Cell) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Logits after five steps."""
    stepper = cell.network.model.stepper(cell.batch)
    for tokens in np.random.default_rng(0).integers(0, VOCABULARY - 1, (5, cell.batch)):
        logits = stepper.read(tokens, None)
    return np.array(logits)


def _arithmetic(cell: Cell) -> dict[str, Callable[[], object]]:
    """The NumPy calls of a step on arrays of the same shapes, into buffers."""
    rng, batch, units = np.random.default_rng(0), cell.batch, cell.units
    width = 4 * units
    hidden = rng.uniform(-1, 1, (batch, units + 1)).astype(np.float32)
    kernel = rng.normal(0, 1, (units + 1, width + VOCABULARY)).astype(np.float32)
    gates = rng.normal(0, 1, (batch, width)).astype(np.float32)
    memory = np.ascontiguousarray(gates[:, :units])
    logits = _logits(cell)
    product, wide = np.empty((batch, width + VOCABULARY), np.float32), np.empty_like(gates)
    small, mass, sums = np.empty_like(memory), np.exp(logits), np.empty_like(logits)
    columns = np.ascontiguousarray(mass.T)
    totals = np.empty_like(columns)
    return {
        "- one product of hidden state and both kernels": lambda: np.dot(hidden, kernel, product),
        "- `tanh` of all gates": lambda: np.tanh(gates, wide),
        "- `tanh` of the memory": lambda: np.tanh(memory, small),
        "- an addition over all gates": lambda: np.add(gates, product[:, :width], wide),
        "- `exp` of the logits": lambda: np.exp(logits, sums),
        "- `np.add.accumulate`, along rows": lambda: np.add.accumulate(mass, 1, None, sums),
        "- the same, rows laid as columns": lambda: np.add.accumulate(columns, 0, None, totals),
    }
