"""Lists of short texts for the quality benchmarks: files, and identifiers of Python's library."""

from __future__ import annotations

import random
import sysconfig
import tokenize
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import seqgen
from seqgen.domains.domain import Corpus
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.training.split import Split
from seqgen.training.train_config import TrainConfig

#: Folders of the standard library that are skipped: installed packages, tests, programs.
SKIPPED_FOLDERS = {"site-packages", "dist-packages", "test", "tests", "idlelib"}


def list_domain() -> LoadedDomain:
    """A domain of one text per line without presets."""

    def corpus(source: Any, options: object) -> list[str]:
        return read_lines(source)

    domain = seqgen.Domain(name="list", summary="A list", corpus=corpus, encoder=seqgen.CharEncoder)
    return LoadedDomain(domain, "benchmarks", "1")


def read_lines(path: Path) -> list[str]:
    """The lines of a file that are not empty, in order, including repeated ones."""
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def identifiers() -> list[str]:
    """The distinct names in the sources of Python's standard library, in lower case, sorted.

    They are available everywhere and differ a little between versions of Python.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    identifiers: set[str] = set()
    for path in sorted(root.rglob("*.py")):
        if SKIPPED_FOLDERS & set(path.relative_to(root).parts):
            continue
        try:
            with tokenize.open(path) as file:
                tokens = list(tokenize.generate_tokens(file.readline))
        except (SyntaxError, UnicodeDecodeError, tokenize.TokenError):
            continue  # the test data of the library contains invalid files
        names = (token.string for token in tokens if token.type == tokenize.NAME)
        identifiers.update(name.lower() for name in names if name.isascii())
    return sorted(identifiers)


def prepare_list(items: Sequence[str], config: TrainConfig) -> RunData:
    """A list with the split of every run."""
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
        count: The number of items.
        validation: The share of the other items that is used for validation.
    """
    order = _torch_randperm(count, 3407)
    held_out = min(1000, int(0.1 * count))
    rest = order[:-held_out]
    train = len(rest) - int(validation * len(rest))
    return _split(rest[:train], rest[train:], order[-held_out:])


def _split(train: Sequence[int], validation: Sequence[int], held_out: Sequence[int]) -> Split:
    return Split(*(tuple(sorted(part)) for part in (train, validation, held_out)))


def _torch_randperm(count: int, seed: int) -> list[int]:
    """The result of ``torch.manual_seed(seed); torch.randperm(count)`` on a CPU, without PyTorch.

    The generator is the Mersenne Twister; each position is swapped with a random later one.
    """
    raw = np.random.RandomState(seed).randint(0, 2**32, max(count - 1, 0), np.uint32).tolist()
    order = list(range(count))
    for position, number in enumerate(raw):
        other = position + number % (count - position)
        order[position], order[other] = order[other], order[position]
    return order
