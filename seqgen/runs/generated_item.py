"""GeneratedItem: a sample with what a person wants to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from seqgen.generation.sample import Sample

if TYPE_CHECKING:
    from seqgen.runs.receipt import Receipt


@final
@dataclass(frozen=True, slots=True)
class GeneratedItem:
    """A sample with what a person wants to know of it.

    Args:
        sample: The sample.
        text: The item as one line of text.
        novel: Whether it does not stand in the training data.
        receipt: All that it came from; None where nobody asked for receipts.
        rules: How often each rule of the domain's guide forbade what the model liked best.
    """

    sample: Sample
    text: str
    novel: bool
    receipt: Receipt | None = None
    rules: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints for it."""
        result: dict[str, Any] = {
            "index": self.sample.index,
            "text": self.text,
            "logp": self.sample.logp,
            "logp_settings": self.sample.logp_settings,
            "masked": self.sample.masked,
            "finish_reason": self.sample.finish_reason,
            "novel": self.novel,
        }
        if self.rules:
            result["rules"] = dict(self.rules)
        return result if self.receipt is None else {**result, "receipt": self.receipt.to_json()}
