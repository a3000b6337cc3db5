"""Replay: the item of a receipt made again, and where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import DataError, ModelFileError
from seqgen.inference.generated_items import GeneratedItem
from seqgen.inference.item_generator import SampleRun
from seqgen.inference.options_json import options_from_json
from seqgen.inference.receipt import Origin, Receipt, hash_file

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.registry import LoadedDomain


@final
@dataclass(frozen=True, slots=True)
class Replayed:
    """An item that was made again.

    Args:
        item: The item as it comes out now.
        difference: Where its tokens differ from those of the receipt, in words; empty where
            they are the same.
        changes: Versions that are others than then, in words.
    """

    item: GeneratedItem
    difference: str
    changes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints for it."""
        verdict = {"same": not self.difference, "difference": self.difference}
        return {**verdict, "changes": list(self.changes), **self.item.to_json()}


def check_model(receipt: Receipt, path: Path) -> None:
    """Hold a model file against a receipt; its content is hashed, and not read otherwise.

    Raises:
        ModelFileError: There is no such file, or it is another one than the receipt names.
    """
    found = hash_file(path)
    if found != receipt.origin.sha256:
        raise ModelFileError(
            f"{path} is not the model of this receipt: its SHA-256 is {found}, the receipt names "
            f"{receipt.origin.sha256}; give the model file that it was made with to --model"
        )


def replay(receipt: Receipt, loaded: LoadedDomain, trained: TrainedModel, path: Path) -> Replayed:
    """Make the item of a receipt again.

    Args:
        receipt: What it was made from.
        loaded: The installed domain.
        trained: The model in the file that the receipt names.
        path: Where that file is.

    Raises:
        SeqgenError: The receipt is of another domain, or what it asks for cannot be satisfied.
    """
    if receipt.origin.domain != loaded.domain.name:
        raise DataError(
            f"the receipt is of domain {receipt.origin.domain!r}, its model is for "
            f"{loaded.domain.name!r}: it was changed"
        )
    origin = Origin.of(path, loaded)
    run = SampleRun(
        loaded.domain,
        trained,
        receipt.settings,
        options_from_json(
            loaded.domain.generation_options, receipt.options, "the receipt's options"
        ),
        receipt.prompt,
        demands=receipt.demands,
        origin=origin,
    )
    (item,) = run.items([receipt.index])
    symbols = trained.encoder.vocabulary.symbols
    difference = _difference(receipt.tokens, item.sample.tokens, symbols)
    return Replayed(item, difference, tuple(receipt.origin.changes(origin)))


def write_again(domain: Domain, found: Replayed, line: str | None, folder: Path) -> list[Path]:
    """The files of an item that was made again, with the receipt that it was made from.

    Args:
        line: The receipt as it stands in the file that is replayed; None where it stands in none.
    """
    from seqgen.inference.generated_items import write_domain_files
    from seqgen.inference.receipt_format import receipt_line

    receipt = found.item.receipt
    return write_domain_files(
        domain, [found.item], folder, [line or (receipt_line(receipt) if receipt else "")]
    )


def file_difference(domain: Domain, found: Replayed, line: str, path: Path) -> str:
    """Where a file differs from the one that is written now, in words; empty where it does not."""
    from tempfile import TemporaryDirectory

    if str(path) == "-":
        return ""
    with TemporaryDirectory() as folder:
        files = write_again(domain, found, line, Path(folder))
        same_kind = [file for file in files if file.suffix == path.suffix.lower()]
        if len(same_kind) != 1:
            return f"{len(same_kind)} files like {path} are written now, one was expected"
        then, now = path.read_bytes(), same_kind[0].read_bytes()
    if then == now:
        return ""
    pairs = enumerate(zip(then, now, strict=False))
    place = next((at for at, (one, other) in pairs if one != other), min(len(then), len(now)))
    return (
        f"its tokens are the same, but {path} is not what is written now from byte {place + 1} on: "
        "it was changed since, or other versions wrote it"
    )


def _difference(then: Sequence[int], now: Sequence[int], symbols: Sequence[str]) -> str:
    """The first place where tokens differ, in words; empty where they are the same."""
    if list(then) == list(now):
        return ""
    pairs = enumerate(zip(then, now, strict=False))
    place = next((at for at, (one, other) in pairs if one != other), min(len(then), len(now)))

    def at_place(tokens: Sequence[int]) -> str:
        if place == len(tokens):
            return "the end"
        known = tokens[place] < len(symbols)
        return repr(symbols[tokens[place]]) if known else f"the unknown token {tokens[place]}"

    return f"token {place + 1} was {at_place(then)} and is {at_place(now)} now"
