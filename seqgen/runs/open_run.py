"""OpenRun: a finished run taken up again: its model, and its data shared out as it was."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, final

from seqgen.domains.registry import LoadedDomain, load_domain
from seqgen.errors import DataError
from seqgen.models.model_file import TrainedModel, load_model, read_manifest
from seqgen.runs.data import RunData, load_corpus, prepare_data
from seqgen.runs.request import Request
from seqgen.runs.run_folder import RunFolder
from seqgen.settings import settings_from
from seqgen.training.config import TrainConfig


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
            for kind in (loaded.domain.data_options, loaded.domain.encoder_options)
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
