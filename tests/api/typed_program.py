"""A program of a user, as a type checker sees it; never run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import seqgen


def corpus(source: Path | None, options: seqgen.NoOptions) -> seqgen.Corpus[str]:
    return seqgen.Corpus(["abba", "cdcd"], groups=["a", "b"])


def augment(item: str, rng: Random) -> str:
    return item[::-1]


letters = seqgen.Domain(
    name="letters",
    summary="Letters",
    corpus=corpus,
    encoder=seqgen.CharEncoder,
    augment=augment,
)


def show(index: int, symbol: str) -> None:
    print(symbol, end="")


def main() -> None:
    model = seqgen.train(letters, data=["abba", "cdcd"], minutes=1, units=64, seed=3)
    items = model.generate(5, temperature=0.8, start=2, seed=7, best=2)
    names: list[str] = items.items
    first: str = items[0].item
    texts: list[str] = items[:2].texts
    print(names, first, texts, items[0].novel, items[0].sample.logp)
    for item in model.stream("ab", stop=3, on_token=show, options={"first": "a"}):
        text: str = item.text
        print(text)
    metrics = model.evaluate(["abba"])
    low, high = metrics.interval
    print(low + high, metrics.baselines["ngram"])
    nats: Sequence[float] = [float(one.sum()) for one in model.score(items)]
    print(nats, model.history[-1]["validation_nats"])
    if model.metrics is not None:
        print(model.metrics.nats_per_token)
    path: Path = model.save("letters.safetensors")
    again: seqgen.Model[str] = seqgen.load(path, letters)
    again.write(again.generate(3), "out", overwrite=True)
    again.report("report.html")
    jazz = seqgen.load("jazz")
    print(seqgen.domain("jazz").summary, jazz.generate(2, options={"tempo": 180}))


if __name__ == "__main__":
    main()
