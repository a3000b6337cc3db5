"""The measurements of a report: held-out items and samples of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import Domain, make_guide, resolve_options
from seqgen.domains.guide import accepts
from seqgen.evaluation.calibration import (
    Calibration,
    PositionRange,
    loss_by_position,
    measure_calibration,
)
from seqgen.evaluation.confidence_intervals import Estimate, mean, proportion
from seqgen.evaluation.copying import CopyMeter
from seqgen.evaluation.likelihood import Likelihood, token_nats
from seqgen.evaluation.novelty import Novelty, NoveltyIndex, NoveltySummary, summarize_novelty
from seqgen.inference.generated_items import GeneratedItem
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.open_model import OpenModel
from seqgen.inference.training_items import TrainingItems
from seqgen.io.read_data import read_json
from seqgen.report.score_card_and_copies import ScoredItems, score_items
from seqgen.runs.open_run import OpenRun

#: At most this many real items of a set are compared with the training items.
MOST_COMPARED = 2000
#: Representations of an item that a browser shows, by media type.
SHOWN_MEDIA = ("text/html", "image/svg+xml", "image/png", "audio/wav")
#: Samples with these representations; sound takes megabytes.
RENDERED = 3


@final
@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSample:
    """A sample compared with the training items.

    Args:
        generated: The sample.
        novelty: Its novelty.
        nearest: The nearest training item as text.
        media: Its representations for a browser, by media type; empty for most samples.
    """

    generated: GeneratedItem
    novelty: Novelty
    nearest: str
    media: Mapping[str, str | bytes] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """What a report shows.

    Args:
        domain: The domain's name.
        manifest: The manifest of the model file.
        history: Rows of ``history.csv``, by column name.
        samples: The samples.
        sets: The novelty of the samples, of the held-out items and of a random split of the real
            items, by name; at most ``MOST_COMPARED`` real items each.
        validity: Proportions that the domain's guide accepts, by name.
        calibration: Of the held-out items.
        positions: Loss by position of the held-out items.
        known_held_out: The number of held-out items that equal a training item.
        unseen: Nats per token of the other held-out items; None if there are none.
        curve: ``learning_curve.json`` of this model; empty without.
        metrics: The domain's metrics, (samples, held-out items) by name.
        scored: The samples and the held-out items with their score cards; empty if the domain
            has none.
        origin: Where the data comes from, in the domain's words; may be empty.
    """

    domain: str
    manifest: Mapping[str, Any]
    history: Sequence[Mapping[str, str]]
    samples: Sequence[MeasuredSample]
    sets: Mapping[str, NoveltySummary]
    validity: Mapping[str, Estimate]
    calibration: Calibration
    positions: Sequence[PositionRange]
    known_held_out: int
    unseen: Estimate | None
    curve: Mapping[str, Any]
    metrics: Mapping[str, tuple[Estimate, Estimate]]
    scored: Sequence[ScoredItems] = ()
    origin: str = ""


def measure(
    run: OpenRun, count: int, on_step: Callable[[str], None] = lambda step: None
) -> Measurements:
    """Measure a run; the same run and count give the same measurements.

    Args:
        run: The run.
        count: The number of samples, at least 1.
        on_step: Called with the name of each step.

    Raises:
        SeqgenError: The model's settings cannot be sampled from.
    """
    data, model, vocabulary = run.data, run.trained.model, run.trained.encoder.vocabulary
    domain = run.loaded.domain
    held_out = data.part(data.split.held_out)
    training = NoveltyIndex([entry.tokens for entry in data.part(data.split.train)])
    on_step(f"drawing {count:,} samples")
    generated = list(_generator(run).first(count))
    items = [one.sample.item for one in generated]
    on_step(f"comparing samples and held-out items with {len(data.split.train):,} training items")
    novelty = training.compare([one.sample.tokens for one in generated])
    real = [entry.tokens for entry in held_out]
    sets = {
        "samples": summarize_novelty([one.sample.tokens for one in generated], novelty),
        "held-out items": _compare(real, training),
        "random split of real items": _random_split(run),
    }
    on_step(f"scoring {len(held_out):,} held-out items")
    nats = token_nats(model, held_out, vocabulary)
    unseen = [place for place, tokens in enumerate(real) if tokens not in training]
    nearest = [domain.text(data.items[data.split.train[one.nearest]]) for one in novelty]
    media = [rendered_media(domain, item) for item in items[:RENDERED]]
    media += [{}] * (len(items) - len(media))
    return Measurements(
        domain.name,
        run.trained.manifest,
        run.history,
        list(map(MeasuredSample, generated, novelty, nearest, media)),
        sets,
        _validity(run, generated),
        measure_calibration(model, held_out, vocabulary),
        loss_by_position(nats),
        len(nats) - len(unseen),
        _mean_nats(nats, data.groups_of(data.split.held_out), unseen) if unseen else None,
        _curve(run),
        _metrics(run, items),
        _scored(run, items),
        data.card.notes.get("origin", ""),
    )


def rendered_media(domain: Domain, item: Any) -> dict[str, str | bytes]:
    """The representations of an item that a page can show, by media type."""
    rendered = domain.render(item) if domain.render else {}
    return {kind: rendered[kind]() for kind in SHOWN_MEDIA if kind in rendered}


def _generator(run: OpenRun, unbiased: bool = False) -> ItemGenerator:
    model = OpenModel(run.loaded, run.trained)
    return model.item_generator(model.generation_config({"unbiased": unbiased}))


def _mean_nats(
    nats: Sequence[NDArray[np.float64]], groups: NDArray[np.int64], places: Sequence[int]
) -> Estimate:
    """Nats per token of the items with some indices."""
    found = Likelihood.from_token_nats([nats[place] for place in places], groups[list(places)])
    return Estimate(found.per_token, *found.interval())


def _random_split(run: OpenRun) -> NoveltySummary:
    """Real items compared with others in a split of the same sizes that ignores near-duplicates:
    how much copying chance alone produces."""
    encoded, split = run.data.encoded, run.data.split
    order = np.random.Generator(np.random.Philox(key=[0, 3])).permutation(len(encoded)).tolist()
    size = len(split.held_out)
    drawn = [encoded[k].tokens for k in order[:size]]
    training = NoveltyIndex([encoded[k].tokens for k in order[size : size + len(split.train)]])
    return _compare(drawn, training)


def _compare(items: Sequence[NDArray[np.int32]], training: NoveltyIndex) -> NoveltySummary:
    """The novelty of a set; of a large one, of items evenly spread over it."""
    places = np.linspace(0, len(items), min(len(items), MOST_COMPARED), endpoint=False, dtype=int)
    chosen = [items[place] for place in places]
    return summarize_novelty(chosen, training.compare(chosen))


def _validity(run: OpenRun, generated: Sequence[GeneratedItem]) -> dict[str, Estimate]:
    """The proportions of samples, unguided samples and held-out items that the guide accepts."""
    domain, encoder = run.loaded.domain, run.trained.encoder
    if domain.guide is None:
        return {}
    end = encoder.vocabulary.end
    options = resolve_options(domain, domain.generation_options())
    condition = domain.condition(options) if domain.condition else None
    guide = make_guide(domain, encoder, options, condition)
    good = sum(
        item.sample.finish_reason == "end" and accepts(guide, item.sample.tokens, end)
        for item in generated
    )
    held_out = run.data.part(run.data.split.held_out)
    real = sum(
        accepts(make_guide(domain, encoder, options, entry.condition), entry.tokens.tolist(), end)
        for entry in held_out
    )
    bare = _generator(run, unbiased=True).count_accepted(range(len(generated)))
    return {
        "samples": proportion(good, len(generated)),
        "samples drawn without the guide": proportion(bare, len(generated)),
        "held-out items": proportion(real, len(held_out)),
    }


def _metrics(run: OpenRun, samples: Sequence[Any]) -> dict[str, tuple[Estimate, Estimate]]:
    metrics = run.loaded.domain.evaluation.metrics
    if metrics is None:
        return {}
    real = [run.data.items[index] for index in run.data.split.held_out]
    both = [[metrics(item) for item in part] for part in (samples, real)]
    names = dict.fromkeys(name for part in both for one in part for name in one)

    def estimate(part: list[Mapping[str, float | None]], name: str) -> Estimate:
        values = [one.get(name) for one in part]
        return mean([v for v in values if v is not None and math.isfinite(v)])

    return {name: (estimate(both[0], name), estimate(both[1], name)) for name in names}


def _scored(run: OpenRun, samples: Sequence[Any]) -> list[ScoredItems]:
    domain, data = run.loaded.domain, run.data
    if domain.evaluation.score_card is None:
        return []
    meters: Mapping[str, CopyMeter] = {}
    if domain.evaluation.passages is not None:
        training = [data.items[index] for index in data.split.train]
        meters = TrainingItems(training, (), "the training items").meters(domain, None)
    real = [data.items[index] for index in data.split.held_out]
    return [
        score_items("samples", domain, samples, meters),
        score_items("held-out items", domain, real, meters),
    ]


def _curve(run: OpenRun) -> dict[str, Any]:
    path = run.folder.learning_curve
    if not path.exists():
        return {}
    found = read_json(path)
    same = isinstance(found, dict) and found.get("identity") == run.trained.manifest["identity"]
    return found if same else {}
