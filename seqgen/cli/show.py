"""How results look in the terminal: data cards, figures, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.cli.output import Output
    from seqgen.domains.domain import Domain
    from seqgen.runs.data import DataCard
    from seqgen.runs.sample_run import GeneratedItem


def show_card(out: Output, name: str, card: DataCard) -> None:
    """What a person should know about the data."""
    parts = card.parts
    split = ", ".join(
        f"{count} {part.replace('_', ' ')} ({count / card.items:.0%})"
        for part, count in parts.items()
    )
    out.say(f"{name}: {card.items:,} items, {card.tokens:,} tokens, vocabulary {card.vocabulary}")
    if split:
        out.say(f"  split       {split}")
    out.say(f"  longest     {card.longest:,} tokens")
    out.say(f"  duplicates  {card.duplicates}")
    for key, value in card.notes.items():
        out.say(f"  {key:<11} {value}")
    if card.licence:
        out.say(f"  licence     {card.licence}")
    if card.left_out:
        out.say(f"  left out    {len(card.left_out)}:")
        for entry in card.left_out:
            out.say(f"    {entry.what}: {entry.why}")


def show_figures(out: Output, held_out: Mapping[str, Any], items: str = "held-out items") -> None:
    """Nats per token of the model beside its baselines."""
    baselines = held_out["baselines"]
    low, high = held_out["interval"]
    rows = [
        ("uniform", f"{baselines['uniform']:.3f}", ""),
        ("unigram", f"{baselines['unigram']:.3f}", ""),
        (f"{baselines['ngram_order']}-gram (Kneser-Ney)", f"{baselines['ngram']:.3f}", ""),
        ("this model", f"{held_out['nats_per_token']:.3f}", f"{low:.3f} to {high:.3f}"),
    ]
    out.table([f"{held_out['items']} {items}", "nats per token", "95 % interval"], rows)


def show_samples(out: Output, domain: Domain, items: Sequence[GeneratedItem]) -> None:
    """Each sample as the domain previews it, marked where it stands in the training data."""
    for item in items:
        show = domain.preview or domain.text
        known = "" if item.novel else "  (in the training data)"
        unfinished = (
            "" if item.sample.finish_reason == "end" else f"  ({item.sample.finish_reason})"
        )
        preview = show(item.sample.item)
        if "\n" in preview:
            out.say(f"sample {item.sample.index}{known}{unfinished}")
            out.say(preview)
        else:
            out.say(f"{preview}{known}{unfinished}")
