"""Item generators for tests, with every setting as a keyword argument."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from seqgen import Domain
from seqgen.inference.generation_config import GenerationConfig
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.receipt import Origin
from seqgen.inference.training_items import CopyLimit
from seqgen.models.model_file import TrainedModel


def item_generator(
    domain: Domain,
    trained: TrainedModel,
    options: Any = None,
    *,
    copy_limit: CopyLimit | None = None,
    origin: Origin | None = None,
    **settings: Any,
) -> ItemGenerator:
    """The generator of a model.

    Args:
        domain: The domain.
        trained: The model.
        options: An instance of the domain's ``generation_options``.
        copy_limit: The limit of ``max_copy``.
        origin: The origin of receipts.
        settings: See ``GenerationConfig.build``.
    """
    values = {item.name: getattr(options, item.name) for item in fields(options)} if options else {}
    config = GenerationConfig.build(domain, {**values, **settings})
    return ItemGenerator(domain, trained, config, copy_limit=copy_limit, origin=origin)
