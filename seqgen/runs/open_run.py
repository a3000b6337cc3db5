"""OpenRun: a finished run taken up again: its model, and its data shared out as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.corpus import Corpus
from seqgen.domains.domain import Domain
from seqgen.domains.hook_results import Passages
from seqgen.errors import DataError, SeqgenError
from seqgen.evaluation.copying import CopyMeter, copy_meters
from seqgen.evaluation.novelty import is_novel, item_hash
from seqgen.models.model_file import TrainedModel, load_model, read_manifest
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.runs.dataset import RunData, load_corpus, prepare_data
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.run_request import NAME, Request
from seqgen.settings import settings_from
from seqgen.training.config import TrainConfig

if TYPE_CHECKING:
    from seqgen.domains.encoder import Encoder
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.registry import LoadedDomain


@final
@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A run folder with all that made it.

    Args:
        folder: The folder.
        request: What the training was asked for.
        loaded: The domain.
        trained: The model.
        data: Its data in the very split that it was trained and scored on.
    """

    folder: RunFolder
    request: Request
    loaded: LoadedDomain
    trained: TrainedModel
    data: RunData

    @classmethod
    def at(cls, path: Path, domain_file: str | None = None) -> OpenRun:
        """Open a run folder: the data is read again from where it was.

        Args:
            path: The folder.
            domain_file: The .py file of its domain, where it is one.

        Raises:
            SeqgenError: It is no run folder, has no model yet, or its domain is a file not named.
            DataError: The data is gone, or is no longer what the model was trained on.
        """
        folder, request = RunFolder(path), Request.load(path)
        read_manifest(folder.model)  # told before the data is read
        request.check_data(path)
        loaded = load_domain(request.domain_to_load(domain_file))
        trained = load_model(folder.model, loaded)
        options, encoding = (
            _of_request(kind, request)
            for kind in (loaded.domain.data_options, loaded.domain.encoding_options)
        )
        corpus = load_corpus(loaded.domain, request.data, options)
        config = settings_from(TrainConfig, trained.manifest["training"], "training")
        data = prepare_data(loaded.domain, corpus, config, encoding)
        _check_same(path, trained, data)
        return cls(folder, request, loaded, trained, data)


def _of_request(kind: type[Any], request: Request) -> Any:
    """An options class with what the request says of it."""
    names = {item.name for item in fields(kind)}
    return kind(**{k: v for k, v in request.flags.items() if k in names})


def _check_same(path: Path, trained: TrainedModel, data: RunData) -> None:
    saved = trained.manifest["data_card"]
    for what in ("digest", "split"):
        then, now = saved.get(what, ""), getattr(data.card, what)
        if then != now:
            raise DataError(
                f"the data of {path} is no longer what its model was trained on ({what} was "
                f"{then or 'not stored'}, is {now}): held-out items could be training items, so "
                "nothing is measured; bring the data back as it was, or train anew"
            )


@final
@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Items that others are held against, to find copies.

    Args:
        items: The items.
        sources: The file that each came from; empty where the domain does not say.
        name: What they are, for people.
    """

    items: Sequence[Any]
    sources: Sequence[str]
    name: str

    @classmethod
    def of_corpus(cls, corpus: Corpus[Any], name: str) -> Material:
        """All items of a corpus."""
        return cls(corpus.items, corpus.sources, name)

    def meters(self, domain: Domain, encoder: Encoder[Any] | None) -> dict[str, CopyMeter]:
        """A copy meter for each kind of units of the domain, by kind.

        Args:
            domain: Its ``evaluation.passages``.
            encoder: Whose tokens are the units where the domain has none of its own.
        """
        names = self.sources or [""] * len(self.items)
        return copy_meters(names, [passages_of(domain, encoder, item) for item in self.items])


def passages_of(domain: Domain, encoder: Encoder[Any] | None, item: Any) -> Sequence[Passages]:
    """The passages of an item: the domain's own, or its tokens."""
    if domain.evaluation.passages is not None:
        return domain.evaluation.passages(item)
    if encoder is None:
        raise DataError(
            f"domain {domain.name!r} does not say what a copy is (Domain.evaluation.passages), so "
            "a model is needed, whose tokens are compared"
        )
    tokens = encoder.encode(item).tokens.tolist()
    return [Passages("tokens", tokens, lambda place: f"{domain.text(item)}, token {place + 1}")]


def training_material(path: Path, loaded: LoadedDomain, trained: TrainedModel) -> Material:
    """The items that the model in a file was trained on.

    They are read again from where the run folder beside the file says, or from the domain's own
    data, and each is known by its hash in the file.

    Raises:
        DataError: They are not at hand, or have changed since.
    """
    source, options = _source(path, loaded.domain)
    where = f"{source}" if source is not None else f"the data of {loaded.distribution}"
    gone = f"what {path} was trained on is not at hand, so nothing can be held against it"
    try:
        corpus = load_corpus(loaded.domain, source, options)
    except SeqgenError as error:
        raise DataError(f"{gone}: {error}") from None
    kept, seen = [], set()
    for index, item in enumerate(corpus.items):
        digest = _hash(trained, item)
        if digest is not None:
            kept.append(index)
            seen.add(digest)
    if len(seen) != len(trained.training_hashes):
        raise DataError(
            f"{gone}: {where} holds {len(seen):,} of its {len(trained.training_hashes):,} "
            "training items; bring the data back to where it was, or train anew"
        )
    sources = [corpus.sources[index] for index in kept] if corpus.sources else []
    return Material([corpus.items[index] for index in kept], sources, where)


def _source(path: Path, domain: Domain) -> tuple[Path | None, Any]:
    """Where the data of a model file is, and how it was read."""
    if not (path.parent / NAME).is_file():
        return None, domain.data_options()
    request = Request.load(path.parent)
    names = {item.name for item in fields(domain.data_options)}
    flags = {name: value for name, value in request.flags.items() if name in names}
    return request.data, domain.data_options(**flags)


def _hash(trained: TrainedModel, item: Any) -> int | None:
    """The hash of an item that the model was trained on; None of any other."""
    try:
        tokens = trained.encoder.encode(item).tokens.tolist()
    except SeqgenError:
        return None  # it cannot be written in the model's symbols
    return None if is_novel(tokens, trained.training_hashes) else item_hash(tokens)
