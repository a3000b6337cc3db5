"""Generated solos compared with real ones: ``python -m benchmarks.jazz.solos``.

Generates solos with the model shipped in seqgen-jazz, and with only its n-gram, over twelve
charts; no setting was chosen on six of them. Writes ``docs/benchmarks/jazz-solos.md``: the score
card, and the longest runs that the solos share with the training data.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqgen_jazz.encoding.solo import Solo

from benchmarks.jazz.charts import KNOWN, UNSEEN, ChartCase
from benchmarks.jazz.solos_page import GeneratedSolos, page
from benchmarks.timing import PAGES
from seqgen.inference.open_model import OpenModel
from seqgen.inference.training_items import TrainingItems
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.report.score_card_and_copies import measure_copying

PAGE = PAGES / "jazz-solos.md"


def generate_solos(
    loaded: LoadedDomain,
    trained: TrainedModel,
    count: int,
    charts: Iterable[ChartCase],
    settings: Mapping[str, Any] | None = None,
) -> list[Solo]:
    """Generate solos over charts.

    Args:
        loaded: The jazz domain.
        trained: The model.
        count: The number of solos over each chart.
        charts: The charts.
        settings: Settings that override the defaults of the domain.
    """
    model, solos = OpenModel(loaded, trained), list[Solo]()
    for case in charts:
        chart = {"chart": case.chart, "choruses": case.choruses, "instrument": case.instrument}
        generator = model.item_generator(model.generation_config({**(settings or {}), **chart}))
        solos += [item.sample.item for item in generator.items(range(count))]
        print(f"{case.name}: {count} solos", file=sys.stderr, flush=True)
    return solos


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description="Compare generated jazz solos with real ones.")
    parser.add_argument("--seeds", type=int, default=200, help="solos over each chart")
    parser.add_argument("--model", type=Path, help="a model file; default: the shipped one")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    loaded = load_domain("jazz")
    path = options.model or loaded.domain.model
    if path is None:
        raise SystemExit("seqgen-jazz ships no model; use --model")
    trained = load_model(path, loaded)
    material = TrainingItems.of_model(path, loaded, trained)
    meters = material.meters(loaded.domain, trained.encoder)
    ngram = replace(trained, networks=(trained.ngram(),), ngram_weight=0.0)  # type: ignore[arg-type]

    def measure(model: TrainedModel, charts: Iterable[ChartCase]) -> GeneratedSolos:
        solos = generate_solos(loaded, model, options.seeds, charts)
        return GeneratedSolos(solos, measure_copying(loaded.domain, solos, meters))

    known, unseen = (
        [measure(model, charts) for model in (trained, ngram)] for charts in (KNOWN, UNSEEN)
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
