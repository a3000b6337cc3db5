"""Replay: generate the item of a receipt again, and compare the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import DataError, ModelFileError
from seqgen.generation.components import component_changes
from seqgen.inference.generated_items import GeneratedItem, write_domain_files
from seqgen.inference.generation_config import GenerationConfig
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.receipt import Origin, Receipt, hash_file, receipt_line

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.installed_plugins import LoadedDomain


@final
@dataclass(frozen=True, slots=True)
class Replayed:
    """An item that was generated again.

    Args:
        item: The item as it is generated now.
        difference: The first difference from the receipt; empty if there is none.
        changes: Versions that have changed since.
    """

    item: GeneratedItem
    difference: str
    changes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The output of ``--json`` for it."""
        verdict = {"same": not self.difference, "difference": self.difference}
        return {**verdict, "changes": list(self.changes), **self.item.to_dict()}


def check_model(receipt: Receipt, path: Path) -> None:
    """Check the hash of a model file against a receipt; the file is not parsed.

    Raises:
        ModelFileError: There is no such file, or it is another one than the receipt names.
    """
    found = hash_file(path)
    if found != receipt.origin.sha256:
        raise ModelFileError(
            f"{path} is not the model of this receipt: its SHA-256 is {found}, the receipt names "
            f"{receipt.origin.sha256}; give the model file that generated the item to --model"
        )


def replay(receipt: Receipt, loaded: LoadedDomain, trained: TrainedModel, path: Path) -> Replayed:
    """Generate the item of a receipt again.

    Args:
        receipt: The receipt.
        loaded: The installed domain.
        trained: The model in the file that the receipt names.
        path: The path of that file.

    Raises:
        SeqgenError: The receipt is of another domain, or its settings cannot be satisfied.
    """
    domain = loaded.domain
    if receipt.origin.domain != domain.name:
        raise DataError(
            f"the receipt is of domain {receipt.origin.domain!r}, its model is for "
            f"{domain.name!r}: it was changed"
        )
    origin = Origin.of(path, loaded)
    config = GenerationConfig.from_receipt(
        domain, receipt.settings, receipt.constraints, receipt.options, receipt.prompt
    )
    (item,) = ItemGenerator(domain, trained, config, origin=origin).items([receipt.index])
    symbols = trained.encoder.vocabulary.symbols
    difference = _difference(receipt.tokens, item.sample.tokens, symbols)
    changes = [*receipt.origin.changes(origin), *component_changes(receipt.settings)]
    return Replayed(item, difference, tuple(changes))


def write_replayed(
    domain: Domain, replayed: Replayed, line: str | None, folder: Path
) -> list[Path]:
    """Write the files of a replayed item with its receipt; returns their paths.

    Args:
        line: The receipt line of the replayed file; None if it holds none.
    """
    receipt = replayed.item.receipt
    line = line or (receipt_line(receipt) if receipt else "")
    return write_domain_files(domain, [replayed.item], folder, [line])


def file_difference(domain: Domain, replayed: Replayed, line: str, path: Path) -> str:
    """The difference of a file from the one that is written now; empty if there is none."""
    from tempfile import TemporaryDirectory

    if str(path) == "-":
        return ""
    with TemporaryDirectory() as folder:
        files = write_replayed(domain, replayed, line, Path(folder))
        same_kind = [file for file in files if file.suffix == path.suffix.lower()]
        if len(same_kind) != 1:
            return f"{len(same_kind)} files like {path} are written now, one was expected"
        then, now = path.read_bytes(), same_kind[0].read_bytes()
    if then == now:
        return ""
    return (
        f"its tokens are the same, but {path} differs from the file that is written now from byte "
        f"{_first_difference(then, now) + 1} on: it was changed since, or other versions wrote it"
    )


def _first_difference(then: Sequence[int], now: Sequence[int]) -> int:
    pairs = enumerate(zip_longest(then, now))
    return next(index for index, (old, new) in pairs if old != new)


def _difference(then: Sequence[int], now: Sequence[int], symbols: Sequence[str]) -> str:
    """The first difference of two token sequences; empty if they are the same."""
    if list(then) == list(now):
        return ""
    index = _first_difference(then, now)

    def describe_token(tokens: Sequence[int]) -> str:
        if index == len(tokens):
            return "the end"
        known = tokens[index] < len(symbols)
        return repr(symbols[tokens[index]]) if known else f"the unknown token {tokens[index]}"

    return f"token {index + 1} was {describe_token(then)} and is {describe_token(now)} now"
