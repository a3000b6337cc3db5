"""The check of the model that a plugin ships: it is there, can be used, and is of its own data."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from seqgen.errors import SeqgenError
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.runs.data import make_card
from seqgen.testing.check import CheckFailed, NotApplicable
from seqgen.testing.subject import Subject

ANEW = "train it anew on the data that you ship, and put the model file in its place"


def check_shipped_model(subject: Subject) -> str:
    """The model that the plugin ships can be used, and is of the data that it ships."""
    path = subject.domain.model
    if path is None:
        raise NotApplicable("the domain ships no model")
    if not path.is_file():
        raise CheckFailed(
            "there is no file where Domain.model says",
            change="put the model file beside the module, say Path(__file__).parent / ... for it, "
            "and name it in package-data, so that the wheel holds it",
            example=str(path),
        )
    trained = subject.unless_broken(partial(_loaded, subject, path), "json", "fingerprint")
    encoder = subject.encoder
    if trained.encoder.fingerprint() != encoder.fingerprint():
        raise CheckFailed("the shipped model has another vocabulary than the data", change=ANEW)
    encoded = [subject.encode(item) for item in subject.items]
    digest = make_card(subject.corpus, encoder, encoded, {}).digest
    if trained.manifest["data_card"]["digest"] != digest:
        raise CheckFailed("the shipped model was trained on other items", change=ANEW)
    return f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"


def _loaded(subject: Subject, path: Path) -> TrainedModel:
    try:
        return load_model(path, subject.loaded)
    except SeqgenError as error:
        raise CheckFailed(f"the shipped model cannot be used: {error}", change=ANEW) from None
