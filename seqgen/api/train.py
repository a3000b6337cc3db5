"""train: a model of a domain from Python, by the same steps as ``seqgen train``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from seqgen.errors import DataError, SeqgenError, SettingError
from seqgen.registry.installed_plugins import LoadedDomain, locate_domain
from seqgen.registry.load_plugin import shorten
from seqgen.settings import options_to_values, setting_names, unknown_setting

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from seqgen.api.model import Model
    from seqgen.api.setting_types import TrainSettings
    from seqgen.domains.domain import Corpus, Domain
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.run_config import Run
    from seqgen.training.training_objects import TrainingObjects

    Item = TypeVar("Item", default=Any)
else:
    from typing import TypeVar

    Item = TypeVar("Item")

#: The name of the run of items that are passed from Python, which have no file name.
PASSED = "items"


def train(
    domain: str | Path | Domain[Item],
    *,
    data: str | Path | Sequence[Item] | Corpus[Item] | None = None,
    out: str | Path | None = None,
    progress: bool = True,
    optimizer: Any = None,
    learning_rate: Any = None,
    callbacks: Sequence[Any] = (),
    options: Any = None,
    **settings: Unpack[TrainSettings],
) -> Model[Item]:
    """Train a model; the same as ``seqgen train``, with the same model file.

    If the run folder has a model of the same code, data and settings, it is loaded instead. A
    training that was stopped there is resumed. Ctrl-C, or the stop button of a notebook, ends the
    training; the model then has the weights of its best epoch so far, and the same call resumes.

    Args:
        domain: The name of an installed domain, the path of a ``.py`` file, or a ``Domain``, such
            as one made in a cell of a notebook.
        data: A file or folder, or the items themselves; None for the domain's own data.
        out: The run folder. None for ``runs/DOMAIN/NAME`` in the current folder, where NAME is
            ``default`` for the domain's own data, the name of the file or folder without its
            suffix, or ``items`` for items.
        progress: Whether to show the data, the progress and why training starts or not.
        optimizer: The name of an optimizer of Keras (default "adamw"), or a
            ``keras.optimizers.Optimizer``, which is copied for each network and used with its own
            learning rate, weight decay and clipping.
        learning_rate: The peak learning rate, or a schedule of
            ``keras.optimizers.schedules``.
        callbacks: ``keras.callbacks.Callback`` objects, called for each network.
        options: The domain's options for data and encoding by name. They can also be given as
            keyword arguments (``column="name"``), which a type checker does not know.
        settings: Flags of ``seqgen train`` by name: of the network (``units=128``), of training
            (``minutes=2, seed=1``), and ``preset``.

    Returns:
        The model; its file is ``model.safetensors`` in the run folder.

    Raises:
        SettingError: A name is unknown, or a value is out of its range.
        SeqgenError: There is no usable data, the loss is NaN, or the folder cannot be written to.
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
    """
    from seqgen.api.model import Model
    from seqgen.io.run_folder import RunFolder
    from seqgen.runs.run_config import Run, RunConfig

    began, loaded = time.monotonic(), locate_domain(domain)
    values = {**settings, **options_to_values(options)}
    values, objects = _training_objects(values, optimizer, learning_rate, callbacks)
    _check_names(loaded, values)
    objects.check(values)
    source, corpus = _read_data(data)
    name = Path(PASSED) if corpus is not None else source
    folder = RunFolder.choose(loaded.domain.name, name, None if out is None else Path(out))
    config = RunConfig.build(loaded.domain, values)
    try:
        run = Run.prepare(loaded, config, source, folder, corpus, objects)
    except SeqgenError:
        raise
    except Exception as error:  # the encoder is of a plugin, and the items of any type
        if corpus is None:
            raise
        raise DataError(
            f"data cannot be encoded as {loaded.domain.name} ({type(error).__name__}: {error}); "
            "give items of the domain"
        ) from error
    trained = _train(run, source, corpus is not None, progress, began)
    return Model(loaded, trained, folder.model, corpus)


def domain(name: str | Path) -> Domain:
    """The domain of a name, or of the path of a ``.py`` file.

    Raises:
        SeqgenError: There is no such domain, or it is not valid.
    """
    return locate_domain(name).domain


def _train(
    run: Run, source: Path | None, passed: bool, progress: bool, began: float
) -> TrainedModel:
    from seqgen.runs.dataset import describe_coverage
    from seqgen.runs.progress import TrainingProgress
    from seqgen.runs.train import TrainingCallbacks, train_or_load

    record, folder = run.record(source, passed), run.folder
    if not progress:
        return train_or_load(run, TrainingCallbacks(), record=record, began=began)[0]
    line = TrainingProgress(run.config.training.seeds)
    with ExitStack() as stack:

        def start(changes: str, resumed: bool | None) -> None:
            if changes:
                line.print(
                    f"{folder.model} is out of date ({changes}): retraining; the previous model is "
                    f"kept as {folder.previous.name}"
                )
            if resumed:
                line.print("resuming the training that was stopped here")
            stack.enter_context(line)

        for text in _describe_data(run):
            line.print(text)
        own = source is None and not passed
        note = "" if own else describe_coverage(run.loaded.domain, run.data)
        if note:
            line.print(f"note: {note}")
        callbacks = TrainingCallbacks(
            lambda: line.print(f"{folder.model} is up to date with this data and these settings"),
            start,
            line.show_plan,
            line.show_epoch,
            line.show_scoring,
        )
        return train_or_load(run, callbacks, record=record, began=began)[0]


def _describe_data(run: Run) -> list[str]:
    card = run.data.card
    parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in card.parts.items())
    lines = [
        f"{run.loaded.domain.name}: {card.items:,} items ({parts}), {card.tokens:,} tokens, "
        f"vocabulary {card.vocabulary}; preset {run.config.describe_preset()}"
    ]
    lines += [f"  {name}: {note}" for name, note in card.notes.items()]
    if card.skipped:
        count = sum(entry.count for entry in card.skipped)
        lines.append(f"  skipped: {count:,}; {card.skipped[0].what}: {card.skipped[0].why}")
    return lines


def _training_objects(
    values: dict[str, Any], optimizer: Any, learning_rate: Any, callbacks: Sequence[Any]
) -> tuple[dict[str, Any], TrainingObjects]:
    """The settings with the optimizer and the learning rate if they are values, and the objects."""
    from seqgen.training.training_objects import TrainingObjects

    if not isinstance(callbacks, Sequence):
        raise SettingError(f"callbacks must be a list, was {shorten(callbacks)}", "callbacks")
    if optimizer is None or isinstance(optimizer, str):
        values, optimizer = {**values, "optimizer": optimizer}, None
    if learning_rate is None or isinstance(learning_rate, int | float):
        values, learning_rate = {**values, "learning_rate": learning_rate}, None
    return values, TrainingObjects(optimizer, learning_rate, tuple(callbacks))


def _read_data(data: Any) -> tuple[Path | None, Corpus[Any] | None]:
    """The path of the data, or the corpus of items that were passed."""
    from seqgen.domains.domain import Corpus

    if data is None or isinstance(data, str | Path):
        return None if data is None else Path(data), None
    if isinstance(data, Corpus):
        return None, data
    if hasattr(data, "tolist"):  # an array or a series
        data = data.tolist()
    if not isinstance(data, Sequence) or isinstance(data, bytes):
        raise DataError(f"data must be a path or a list of items, was {shorten(data)}")
    if not data:
        raise DataError("data must hold at least one item, was empty")
    return None, Corpus(tuple(data))


def _check_names(loaded: LoadedDomain, settings: dict[str, Any]) -> None:
    """Refuse settings that ``seqgen train`` does not have."""
    from seqgen.models.share_weight_rnn import ModelConfig
    from seqgen.training.train_config import TrainConfig

    domain = loaded.domain
    kinds = (ModelConfig, TrainConfig, domain.data_options, domain.encoding_options)
    known = setting_names(*kinds) | {"preset"}
    for name in settings:
        if name not in known:
            raise unknown_setting(name, known)
