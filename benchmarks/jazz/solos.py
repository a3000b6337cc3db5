"""Generated solos beside real ones: ``python -m benchmarks.jazz.solos``.

Draws solos of the model that seqgen-jazz ships, and of its n-gram alone, over twelve charts, six
of which nothing was ever chosen by, and writes ``docs/benchmarks/jazz-solos.md``: every row of the
score card, and the longest runs that the solos share with the training material.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqgen_jazz.encoding.solo import Solo

from benchmarks.jazz.charts import KNOWN, UNSEEN, Played
from benchmarks.jazz.solos_page import Drawn, page
from seqgen.evaluation.copying import CopyMeter
from seqgen.inference.open_model import Model
from seqgen.inference.training_items import TrainingItems
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.report.score_items import measure_copying

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "jazz-solos.md"


def draw(
    loaded: LoadedDomain,
    trained: TrainedModel,
    seeds: int,
    charts: Iterable[Played],
    settings: Mapping[str, Any] | None = None,
) -> list[Solo]:
    """The first solo of each seed over each chart.

    Args:
        loaded: The jazz domain.
        trained: The model.
        seeds: Solos over each chart.
        charts: The charts.
        settings: Over the defaults of the domain.
    """
    model, solos = Model(loaded, trained), list[Solo]()
    for played in charts:
        chart = {"chart": played.chart, "choruses": played.choruses, "instrument": played.player}
        run = model.item_generator(model.generation_config({**(settings or {}), **chart}))
        # The samples of one seed are as independent as those of several.
        solos += [item.sample.item for item in run.items(range(seeds))]
        print(f"{played.name}: {seeds} solos", file=sys.stderr, flush=True)
    return solos


def measure(solos: Sequence[Solo], loaded: LoadedDomain, meters: dict[str, CopyMeter]) -> Drawn:
    """The solos with what they share."""
    return Drawn(solos, measure_copying(loaded.domain, solos, meters))


def main() -> None:
    """Draw, measure and write."""
    parser = argparse.ArgumentParser(description="Generated jazz solos beside real ones.")
    parser.add_argument("--seeds", type=int, default=200, help="solos over each chart")
    parser.add_argument("--model", type=Path, help="another model file than the shipped one")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    loaded = load_domain("jazz")
    path = options.model or loaded.domain.model
    if path is None:
        raise SystemExit("seqgen-jazz ships no model; name one with --model")
    trained = load_model(path, loaded)
    material = TrainingItems.of_model(path, loaded, trained)
    meters = material.meters(loaded.domain, trained.encoder)
    ngram = replace(trained, networks=(trained.ngram(),), ngram_weight=0.0)  # type: ignore[arg-type]
    known, unseen = (
        [
            measure(draw(loaded, model, options.seeds, charts), loaded, meters)
            for model in (trained, ngram)
        ]
        for charts in (KNOWN, UNSEEN)
    )
    held_out = trained.manifest["metrics"]["held_out"]
    card = (
        f"{trained.parameters:,} parameters, {held_out['nats_per_token']:.3f} nats per held-out "
        f"token, n-gram {held_out['baselines']['ngram']:.3f}"
    )
    text = page(known, unseen, material.items, options.seeds, card)
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
