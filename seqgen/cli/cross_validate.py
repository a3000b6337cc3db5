"""Folds on the command line: every item scored once, and the table of it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from seqgen.cli.console import Output
from seqgen.cli.options import data_and_recipe
from seqgen.registry.registry import load_domain


def execute_folds(name: str, flags: Mapping[str, Any], folds: int) -> int:
    """Train and score fold by fold; gives the exit code."""
    from seqgen.cli.display import show_card, show_preset
    from seqgen.cli.progress import TrainingLine
    from seqgen.evaluation.summary import verdict
    from seqgen.runs.callbacks import Listeners
    from seqgen.runs.cross_validation import cross_validate, pooled
    from seqgen.runs.run_folder import RunFolder

    out = Output(flags["as_json"])
    loaded = load_domain(name)
    data, recipe = data_and_recipe(loaded, flags)
    show_card(out, loaded.domain.name, data.card.without_split())  # each fold has its own
    out.say(f"  folds       {folds}, and every item is held out in one of them")
    show_preset(out, recipe)
    folder = RunFolder.choose(loaded.domain.name, flags["data"], flags["out"])
    done = []
    try:
        with TrainingLine(recipe.training.seeds) as line:
            listeners = Listeners(line.show, line.follow, line.score)
            for fold in cross_validate(loaded, data, recipe, folder, folds, listeners):
                done.append(fold)
                line.tell(f"fold {len(done)} of {folds} is done")
    except KeyboardInterrupt:
        out.say(f"\n{len(done)} of {folds} folds are done; the same command goes on from here.")
        raise
    model, ngram = pooled([fold.model for fold in done]), pooled([fold.ngram for fold in done])
    rows = [
        (
            str(number),
            f"{fold.ngram.per_token:.3f}",
            f"{statistics.mean(part.per_token for part in fold.networks):.3f}",
            f"{fold.model.per_token:.3f}",
        )
        for number, fold in enumerate(done, start=1)
    ]
    rows.append(("all", f"{ngram.per_token:.3f}", "", f"{model.per_token:.3f}"))
    several = len(done[0].networks) > 1
    alone = "one network, on average" if several else "network alone"
    out.table(["fold", "n-gram", alone, "the model"], rows)
    about = model.minus(ngram).to_json()
    out.say(verdict(about) + "\n")
    out.say(f"The models of the folds are in {folder.path}.")
    out.json(
        {
            "folds": folds,
            "items": len(model.nats),
            **model.to_json(),
            "ngram": ngram.per_token,
            "minus_ngram": about,
        }
    )
    return 0
