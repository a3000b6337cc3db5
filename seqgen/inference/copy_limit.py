"""CopyLimit: what ``--max-copy`` holds every item to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from seqgen.runs.open_run import Material, passages_of, training_material

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen.domains.domain import Domain
    from seqgen.domains.encoder import Encoder
    from seqgen.inference.constraints import Demands
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.registry import LoadedDomain


@final
class CopyLimit:
    """Tells which items share too long a run with the training material.

    Args:
        domain: Its first kind of passages is what counts.
        encoder: Whose tokens are the units where the domain has no passages of its own.
        material: What items are held against.
        most: The most units in a row that may be shared, from 0.
    """

    def __init__(
        self, domain: Domain, encoder: Encoder[Any], material: Material, most: int
    ) -> None:
        self._domain, self._encoder, self._most = domain, encoder, most
        self._meter = next(iter(material.meters(domain, encoder).values()))

    @classmethod
    def wanted(
        cls, demands: Demands, path: Path, loaded: LoadedDomain, trained: TrainedModel
    ) -> CopyLimit | None:
        """The limit that is asked for, on what the model in a file was trained on; or None.

        Raises:
            DataError: The training material is not at hand.
        """
        if demands.max_copy is None:
            return None
        material = training_material(path, loaded, trained)
        return cls(loaded.domain, trained.encoder, material, demands.max_copy)

    def wrong(self, item: Any) -> str:
        """Why an item is over the limit, in words; empty where it is not."""
        passages = passages_of(self._domain, self._encoder, item)[0]
        if self._meter.longest(passages) <= self._most:
            return ""
        found = self._meter.measure(passages)
        return (
            f"it shares {found.longest} {found.kind} in a row with {found.there}, more than "
            f"{self._most}"
        )
