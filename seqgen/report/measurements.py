"""Measured: all that a report tells of a run, measured on its held-out items and on samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import make_guide
from seqgen.evaluation.bootstrap import Figure, mean, share
from seqgen.evaluation.calibration import Calibration, Stretch, by_position, calibration
from seqgen.evaluation.copying import CopyMeter
from seqgen.evaluation.likelihood import in_all, token_nats
from seqgen.evaluation.novelty import Newness, NewnessOfSet, TrainingItems, summary
from seqgen.generation.config import SamplingConfig
from seqgen.inference.constraints import Demands
from seqgen.inference.generated_items import GeneratedItem
from seqgen.inference.item_generator import SampleRun
from seqgen.inference.rejection_sampling import accepts
from seqgen.io.readers import read_json
from seqgen.report.score_items import Judged, judge
from seqgen.runs.open_run import Material, OpenRun
from seqgen.settings import settings_from

#: So many real items of a set are held against the training items at most.
MOST_COMPARED = 2000
#: Where ``seqgen evaluate --learning-curve`` keeps what it found.
CURVE = "learning_curve.json"


@final
@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSample:
    """A sample with how it stands to the training items.

    Args:
        made: The sample.
        newness: How it stands to them.
        nearest: The nearest training item as text.
    """

    made: GeneratedItem
    newness: Newness
    nearest: str


@final
@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The figures of a report.

    Args:
        domain: The domain's name.
        manifest: The model file's own.
        history: Rows of ``history.csv``, by column name.
        samples: The samples.
        sets: How the samples, the held-out items, and real items parted blindly stand to the
            training items; by name. Of the real ones ``MOST_COMPARED`` at most.
        validity: Shares that the domain's guide accepts, by name.
        calibration: On the held-out items.
        positions: Loss by position on the held-out items.
        known_held_out: How many held-out items equal a training item.
        unseen: Nats per token of the others; None where all are.
        curve: What ``learning_curve.json`` holds of this very model; empty without.
        described: The domain's own figures, (samples, held-out items) by name.
        judged: The samples and the held-out items with their score cards and what they share
            with the training items in the domain's own units; empty without a score card.
    """

    domain: str
    manifest: Mapping[str, Any]
    history: Sequence[Mapping[str, str]]
    samples: Sequence[MeasuredSample]
    sets: Mapping[str, NewnessOfSet]
    validity: Mapping[str, Figure]
    calibration: Calibration
    positions: Sequence[Stretch]
    known_held_out: int
    unseen: Figure | None
    curve: Mapping[str, Any]
    described: Mapping[str, tuple[Figure, Figure]]
    judged: Sequence[Judged] = ()


def measure(run: OpenRun, count: int, tell: Callable[[str], None] = lambda step: None) -> Measured:
    """Measure a run; the same run and count give the same figures.

    Args:
        run: The run.
        count: How many samples to draw, at least 1.
        tell: Told what is done now.

    Raises:
        SeqgenError: The model's settings cannot be sampled from.
    """
    data, model, vocabulary = run.data, run.trained.model, run.trained.encoder.vocabulary
    held_out = data.part(data.split.held_out)
    training = TrainingItems([entry.tokens for entry in data.part(data.split.train)])
    tell(f"drawing {count:,} samples")
    made = list(_sampler(run).first(count))
    tell(f"comparing samples and held-out items with {len(data.split.train):,} training items")
    new = [training.newness(item.sample.tokens) for item in made]
    real = [entry.tokens for entry in held_out]
    compared = {
        "samples": summary([item.sample.tokens for item in made], new),
        "held-out items": _compared(real, training),
        "real items, parted blindly": _blind(run),
    }
    tell(f"scoring {len(held_out):,} held-out items")
    nats = token_nats(model, held_out, vocabulary)
    unseen = [place for place, tokens in enumerate(real) if not training.hold(tokens)]
    text = run.loaded.domain.text
    return Measured(
        run.loaded.domain.name,
        run.trained.manifest,
        run.folder.read_history(),
        [
            MeasuredSample(item, one, text(data.items[data.split.train[one.neighbour.index]]))
            for item, one in zip(made, new, strict=True)
        ],
        compared,
        _validity(run, made),
        calibration(model, held_out, vocabulary),
        by_position(nats),
        len(nats) - len(unseen),
        _of_some(nats, data.groups_of(data.split.held_out), unseen) if unseen else None,
        _curve(run),
        _described(run, [item.sample.item for item in made]),
        _judged(run, [item.sample.item for item in made]),
    )


def _sampler(run: OpenRun, unbiased: bool = False) -> SampleRun:
    config = settings_from(SamplingConfig, run.trained.manifest["generation"], "generation")
    options = run.loaded.domain.generation_options()
    demands = Demands(unbiased=unbiased)
    return SampleRun(run.loaded.domain, run.trained, config, options, demands=demands)


def _of_some(
    nats: Sequence[NDArray[np.float64]], groups: NDArray[np.int64], places: Sequence[int]
) -> Figure:
    """Nats per token of the items at some places."""
    found = in_all([nats[place] for place in places], groups[list(places)])
    return Figure(found.per_token, *found.interval())


def _blind(run: OpenRun) -> NewnessOfSet:
    """Real items against others, as many as there are held out and training ones, drawn without
    keeping alike ones on one side: what copying chance alone makes."""
    encoded, split = run.data.encoded, run.data.split
    order = np.random.Generator(np.random.Philox(key=[0, 3])).permutation(len(encoded)).tolist()
    size = len(split.held_out)
    drawn = [encoded[k].tokens for k in order[:size]]
    training = TrainingItems([encoded[k].tokens for k in order[size : size + len(split.train)]])
    return _compared(drawn, training)


def _compared(items: Sequence[NDArray[np.int32]], training: TrainingItems) -> NewnessOfSet:
    """How a set stands to the training items; of a large one, items evenly spread over it."""
    places = np.linspace(0, len(items), min(len(items), MOST_COMPARED), endpoint=False, dtype=int)
    some = [items[place] for place in places]
    return summary(some, [training.newness(tokens) for tokens in some])


def _validity(run: OpenRun, made: Sequence[GeneratedItem]) -> dict[str, Figure]:
    """What the domain's guide accepts: of the samples, of bare draws, of held-out items."""
    domain, encoder, end = (
        run.loaded.domain,
        run.trained.encoder,
        run.trained.encoder.vocabulary.end,
    )
    if domain.guide is None:
        return {}
    options = domain.generation_options()
    condition = domain.condition(options) if domain.condition else None
    guide = make_guide(domain, encoder, options, condition)
    good = sum(
        item.sample.finish_reason == "end" and accepts(guide, item.sample.tokens, end)
        for item in made
    )
    held_out = run.data.part(run.data.split.held_out)
    real = sum(
        accepts(make_guide(domain, encoder, options, entry.condition), entry.tokens.tolist(), end)
        for entry in held_out
    )
    bare = _sampler(run, unbiased=True).pleasing(range(len(made)))
    return {
        "samples, under the guide": share(good, len(made)),
        "samples, drawn without it": share(bare, len(made)),
        "held-out items": share(real, len(held_out)),
    }


def _described(run: OpenRun, samples: Sequence[Any]) -> dict[str, tuple[Figure, Figure]]:
    metrics = run.loaded.domain.evaluation.metrics
    if metrics is None:
        return {}
    real = [run.data.items[index] for index in run.data.split.held_out]
    both = [[metrics(item) for item in part] for part in (samples, real)]
    names = dict.fromkeys(name for part in both for one in part for name in one)

    def figure(part: list[Mapping[str, float | None]], name: str) -> Figure:
        values = [one.get(name) for one in part]
        return mean([v for v in values if v is not None and math.isfinite(v)])

    return {name: (figure(both[0], name), figure(both[1], name)) for name in names}


def _judged(run: OpenRun, samples: Sequence[Any]) -> list[Judged]:
    domain, data = run.loaded.domain, run.data
    if domain.evaluation.score_card is None:
        return []
    meters: Mapping[str, CopyMeter] = {}
    if domain.evaluation.passages is not None:
        training = [data.items[index] for index in data.split.train]
        meters = Material(training, (), "the training items").meters(domain, None)
    real = [data.items[index] for index in data.split.held_out]
    return [
        judge("samples", domain, samples, meters),
        judge("held-out items", domain, real, meters),
    ]


def _curve(run: OpenRun) -> dict[str, Any]:
    path = run.folder.path / CURVE
    if not path.exists():
        return {}
    found = read_json(path)
    same = isinstance(found, dict) and found.get("identity") == run.trained.manifest["identity"]
    return found if same else {}
