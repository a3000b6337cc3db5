"""Lists of short texts for the benchmarks of quality: any file, and one that every Python has."""

from __future__ import annotations

import random
import sysconfig
import tokenize
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import seqgen
from seqgen.domains.domain import Corpus
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.training.config import TrainConfig
from seqgen.training.split import Split

#: Folders of the standard library that are left out: what others installed, tests, programs.
LEFT_OUT = {"site-packages", "dist-packages", "test", "tests", "idlelib"}


def list_domain() -> LoadedDomain:
    """A domain of one text a line that sets nothing."""
    domain = seqgen.Domain(
        name="list", summary="A list", corpus=list_in, encoder=seqgen.CharEncoder
    )
    return LoadedDomain(domain, "benchmarks", "1")


def list_in(path: Path) -> list[str]:
    """The lines of a file that hold something, in order, repeats among them."""
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def identifiers() -> list[str]:
    """The distinct names in the sources of Python's standard library, in lower case, sorted.

    Public, and on every machine; it differs a little from one version of Python to the next.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    found: set[str] = set()
    for path in sorted(root.rglob("*.py")):
        if LEFT_OUT & set(path.relative_to(root).parts):
            continue
        try:
            with tokenize.open(path) as file:
                tokens = list(tokenize.generate_tokens(file.readline))
        except (SyntaxError, UnicodeDecodeError, tokenize.TokenError):
            continue  # the sources hold files that are broken on purpose
        names = (token.string for token in tokens if token.type == tokenize.NAME)
        found.update(name.lower() for name in names if name.isascii())
    return sorted(found)


def list_data(items: Sequence[str], config: TrainConfig) -> RunData:
    """A list with the split that every run makes."""
    return prepare_data(list_domain().domain, Corpus(tuple(items)), config)


def lecture_split(count: int) -> Split:
    """The split of makemore's lectures: shuffled with seed 42, then 80, 10 and 10 %."""
    order = list(range(count))
    random.Random(42).shuffle(order)
    first, second = int(0.8 * count), int(0.9 * count)
    return _split(order[:first], order[first:second], order[second:])


def makemore_split(count: int, validation: float) -> Split:
    """The split of ``makemore.py``: the last 1,000 (or 10 %) of ``torch.randperm``, seed 3407.

    Args:
        count: How many items.
        validation: The share of the others that stops the training and picks the mixture.
    """
    order = _torch_randperm(count, 3407)
    held_out = min(1000, int(0.1 * count))
    rest, scored = order[:-held_out], order[-held_out:]
    stopping = int(validation * len(rest))
    return _split(rest[:-stopping], rest[-stopping:], scored)


def _split(train: Sequence[int], validation: Sequence[int], held_out: Sequence[int]) -> Split:
    return Split(*(tuple(sorted(part)) for part in (train, validation, held_out)))


def _torch_randperm(count: int, seed: int) -> list[int]:
    """What ``torch.manual_seed(seed); torch.randperm(count)`` gives on a CPU, without PyTorch:
    its generator is the Mersenne twister, each place swapped with one drawn behind it."""
    raw = np.random.RandomState(seed).randint(0, 2**32, max(count - 1, 0), np.uint32).tolist()
    order = list(range(count))
    for place, drawn in enumerate(raw):
        other = place + drawn % (count - place)
        order[place], order[other] = order[other], order[place]
    return order
