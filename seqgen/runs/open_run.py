"""OpenRun: a finished run with its model, and its data in the same split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from seqgen.domains.domain import Corpus, load_corpus
from seqgen.errors import DataError
from seqgen.inference.open_model import Target, resolve_target
from seqgen.io.run_folder import RUNS, RunFolder, RunRecord
from seqgen.models.model_file import TrainedModel
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.settings import settings_from
from seqgen.training.train_config import TrainConfig


@final
@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A finished run.

    Args:
        folder: The folder for what is computed from it: the run folder, or for a shipped model
            ``runs/<domain>/shipped``.
        loaded: The domain.
        trained: The model.
        data: The data in the split that the model was trained and scored on.
    """

    folder: RunFolder
    loaded: LoadedDomain
    trained: TrainedModel
    data: RunData

    @classmethod
    def at(cls, path: str | Path, domain_file: str | None = None) -> OpenRun:
        """Open the run of a model, a run folder or a domain, see ``resolve_target``."""
        return cls.of_target(resolve_target(path, domain_file))

    @classmethod
    def of_target(cls, target: Target, corpus: Corpus[Any] | None = None) -> OpenRun:
        """Open the run of a model; its data is read again.

        Args:
            target: The model.
            corpus: Its data, if the training read none from a file.

        Raises:
            SeqgenError: The model is in no run folder, and the plugin does not ship it.
            DataError: The data is missing, or has changed since the training.
        """
        loaded, folder = target.loaded, RunFolder(target.path.parent)
        if target.path == loaded.domain.model:
            folder = RunFolder(RUNS / loaded.domain.name / "shipped")
            record = RunRecord(loaded.source, None, {})
        elif target.path.name != folder.model.name:
            raise DataError(
                f"{target.path} is not the model of its run folder, {folder.model.name}; name that "
                "one, or copy this one into a run folder of its own"
            )
        else:
            record = RunRecord.load(folder)
        if corpus is None:
            record.check_data(folder.path)
        trained, domain = target.open().trained, loaded.domain
        if corpus is None:
            corpus = load_corpus(domain, record.data, record.options(domain.data_options))
        config = settings_from(TrainConfig, trained.manifest["training"], "training")
        data = prepare_data(domain, corpus, config, record.options(domain.encoding_options))
        _check_unchanged(target.path, trained, data)
        return cls(folder, loaded, trained, data)

    @property
    def history(self) -> list[dict[str, str]]:
        """The rows of ``history.csv``, by column name; none for a shipped model."""
        return self.folder.read_history() if self.folder.model.is_file() else []


def _check_unchanged(path: Path, trained: TrainedModel, data: RunData) -> None:
    saved = trained.manifest["data_card"]
    for what in ("digest", "split"):
        then, now = saved.get(what, ""), getattr(data.card, what)
        if then != now:
            raise DataError(
                f"the data of {path} is no longer what its model was trained on ({what} was "
                f"{then or 'not stored'}, is {now}): held-out items could be training items, so "
                "nothing is measured; restore the data, or retrain"
            )
