"""Augmentation: what a domain's ``augment`` makes of items, its faults told as faults of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, final

from seqgen.domains.domain_types import short
from seqgen.domains.encoded import Encoded
from seqgen.domains.loading import place_of
from seqgen.errors import PluginError


@final
@dataclass(frozen=True, slots=True, eq=False)
class Augmentation:
    """Other versions of the training items, one an epoch, as a function of the seed.

    Args:
        augment: ``augment(item, rng)`` of a domain.
        encode: The fitted encoder's ``encode``.
        whose: The domain as messages name it.
        seed: See ``encoded``.
    """

    augment: Callable[[Any, Random], Any]
    encode: Callable[[Any], Encoded]
    whose: str
    seed: int

    def encoded(self, items: Iterable[Any], epoch: int) -> Iterator[Encoded]:
        """Each item's version of an epoch: what it is follows from (seed, epoch, its place).

        Raises:
            PluginError: ``augment`` raises, or gives what cannot be encoded or has no tokens.
        """
        for place, item in enumerate(items):
            # A string seed is hashed by Random itself, the same in every process.
            yield self._version(item, Random(f"{self.seed}/{epoch}/{place}"))

    def _version(self, item: Any, rng: Random) -> Encoded:
        try:
            other = self.augment(item, rng)
        except Exception as error:
            raise self._fault(item, f"raised {_told(error)}") from error
        try:
            encoded = self.encode(other)
        except Exception as error:
            raise self._fault(
                item, f"gave {short(other)}, which encode() refuses: {_told(error)}"
            ) from error
        if not len(encoded.tokens) and len(self.encode(item).tokens):
            raise self._fault(item, f"gave {short(other)}, which is empty")
        return encoded

    def _fault(self, item: Any, what: str) -> PluginError:
        return PluginError(
            f"augment() of {self.whose}, called with the training item {short(item)}, {what}. "
            "It must give an item of the same kind over the symbols of the corpus, or leave the "
            "item as it is; 'seqgen check DOMAIN --only augment' looks at it without training"
        )


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}{place_of(error)}"
