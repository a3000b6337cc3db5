"""Where the time of a step goes: the parts of seqgen's loop, and the arithmetic inside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.generation.network import SEED, VOCABULARY, Cell
from benchmarks.generation.peers import seqgen_peer
from benchmarks.timing import Peer, Spread, interleave
from seqgen.generation.noise import Noise
from seqgen.generation.sampler import make_sampler

WHOLE = "seqgen, total"
READ = "model step (`stepper.read`)"
CHOOSE = "token sampling (`sampler.choose`)"
NOISE = "random numbers (`Noise.next`)"
REST = "remainder: log-probabilities, bookkeeping, the sample"
PARTS = (READ, CHOOSE, NOISE)


def parts(cell: Cell, rounds: int, least_seconds: float) -> dict[str, Spread]:
    """Microseconds a token of each part, by name; what stands alone is timed alone."""
    whole = seqgen_peer(cell, WHOLE)
    made = {READ: _read(cell), CHOOSE: _choose(cell), NOISE: _noise(cell), **_arithmetic(cell)}
    peers = [
        whole,
        *(Peer(name, _again(run, cell.steps), cell.tokens) for name, run in made.items()),
    ]
    interleave(peers, rounds, least_seconds)
    by_name = {peer.name: peer.rounds for peer in peers}
    rest = [
        all_of_it - sum(pieces)
        for all_of_it, *pieces in zip(whole.rounds, *(by_name[name] for name in PARTS), strict=True)
    ]
    return {name: Spread.of(values) for name, values in {**by_name, REST: rest}.items()}


def _again(run: Callable[[], object], steps: int) -> Callable[[], None]:
    """One step's part, as often as there are steps."""

    def many() -> None:
        for _ in range(steps):
            run()

    return many


def _read(cell: Cell) -> Callable[[], object]:
    stepper = cell.network.model.stepper(cell.batch)
    tokens = np.random.default_rng(0).integers(0, VOCABULARY - 1, cell.batch)
    return lambda: stepper.read(tokens, None)


def _choose(cell: Cell) -> Callable[[], object]:
    sampler, logits, uniforms = make_sampler("sample"), _logits(cell), cell.uniforms[0]
    return lambda: sampler.choose(logits, uniforms)


def _noise(cell: Cell) -> Callable[[], object]:
    return Noise(SEED, range(cell.batch)).next


def _logits(cell: Cell) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Logits as they come up after a few steps."""
    few = replace(cell, steps=5)
    stepper = few.network.model.stepper(cell.batch)
    for tokens in np.random.default_rng(0).integers(0, VOCABULARY - 1, (few.steps, cell.batch)):
        logits = stepper.read(tokens, None)
    return np.array(logits)


def _arithmetic(cell: Cell) -> dict[str, Callable[[], object]]:
    """Single NumPy calls of a step on arrays of its shapes, into buffers."""
    rng, batch, units = np.random.default_rng(0), cell.batch, cell.units
    width = 4 * units
    hidden = rng.uniform(-1, 1, (batch, units + 1)).astype(np.float32)
    kernel = rng.normal(0, 1, (units + 1, width + VOCABULARY)).astype(np.float32)
    gates = rng.normal(0, 1, (batch, width)).astype(np.float32)
    memory = np.ascontiguousarray(gates[:, :units])
    logits = _logits(cell)
    product, warm = np.empty((batch, width + VOCABULARY), np.float32), np.empty_like(gates)
    small, mass, sums = np.empty_like(memory), np.exp(logits), np.empty_like(logits)
    tall = np.ascontiguousarray(mass.T)
    sums_tall = np.empty_like(tall)
    return {
        "- one product of hidden state and both kernels": lambda: np.dot(hidden, kernel, product),
        "- `tanh` of all gates": lambda: np.tanh(gates, warm),
        "- `tanh` of the memory": lambda: np.tanh(memory, small),
        "- an addition over all gates": lambda: np.add(gates, product[:, :width], warm),
        "- `exp` of the logits": lambda: np.exp(logits, sums),
        "- `np.add.accumulate`, along rows": lambda: np.add.accumulate(mass, 1, None, sums),
        "- the same, rows laid as columns": lambda: np.add.accumulate(tall, 0, None, sums_tall),
    }
