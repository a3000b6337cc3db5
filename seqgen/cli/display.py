"""How results look in the terminal: data cards, figures, samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqgen.domains.domain import plain_text
from seqgen.errors import SeqgenError
from seqgen.evaluation.summary import figure_rows, remarks, verdict

if TYPE_CHECKING:
    from seqgen.cli.console import Output
    from seqgen.domains.domain import Domain
    from seqgen.generation.config import SamplingConfig
    from seqgen.generation.generator import Sample
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.item_generator import SampleRun
    from seqgen.runs.dataset import DataCard
    from seqgen.runs.run_config import Recipe

#: Of so many reasons to leave things out each is told.
MOST_LEFT_OUT = 20


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
        out.say(f"  left out    {sum(entry.count for entry in card.left_out):,}:")
        for line in left_out_lines([entry.to_json() for entry in card.left_out]):
            out.say(f"    {line}")


def left_out_lines(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was not used and why, a line each; of many the first, and how many more there are.

    Args:
        entries: As ``LeftOut.to_json`` gives them.
    """
    for entry in entries[:MOST_LEFT_OUT]:
        yield f"{entry['what']}: {entry['why']}"
    more = sum(entry["count"] for entry in entries[MOST_LEFT_OUT:])
    if more:
        yield f"... and {more:,} more; --json tells all"


def show_preset(out: Output, recipe: Recipe) -> None:
    """The preset that the settings come from, and why."""
    out.say(f"  preset      {recipe.preset_in_words()}")


def show_figures(out: Output, held_out: Mapping[str, Any], items: str = "held-out items") -> None:
    """Nats per token of the model beside its baselines."""
    name = items if held_out["items"] != 1 else items.removesuffix("s")
    columns = [f"{held_out['items']} {name}", "nats per token", "95 % interval"]
    out.table(columns, figure_rows(held_out))
    words = list(remarks(held_out))
    if held_out.get("minus_ngram"):
        words = [verdict(held_out["minus_ngram"]), *words]
    if words:
        out.say("\n".join(words) + "\n")


def show_samples(out: Output, domain: Domain, items: Sequence[GeneratedItem]) -> None:
    """Each sample as the domain previews it, marked where it stands in the training data.

    The marks are for a reader's eyes: where the samples go into a file or to a program they
    stand alone, and ``tell_samples`` counts what would be marked.
    """
    for item in items:
        known = "" if item.novel else "  (in the training data)"
        unfinished = (
            "" if item.sample.finish_reason == "end" else f"  ({item.sample.finish_reason})"
        )
        if not out.marks:
            known = unfinished = ""
        shown = plain_text(domain, item.sample.item)
        if "\n" in shown:
            out.say(f"sample {item.sample.index}{known}{unfinished}")
            out.say(shown)
        else:
            out.say(f"{shown}{known}{unfinished}")


def warn_of_draws(out: Output, run: SampleRun, stream: bool) -> None:
    """Tell that ``--novel`` has to draw and throw away, where it cannot be held to exactly.

    Raises:
        SeqgenError: Tokens are shown as they come, so nothing can be thrown away.
    """
    if not run.novel_by_drawing:
        return
    why = "this model file does not hold its training items (too many, or made by an older seqgen)"
    if stream:
        raise SeqgenError(f"{why}, so --novel throws items away, which --stream has shown already")
    out.warn(f"{why}: --novel draws items and throws the known ones away")


def tell_samples(
    out: Output, run: SampleRun, items: Sequence[GeneratedItem], asked: int | None
) -> None:
    """What the samples cost: how many were thrown away, what the guide took from the model.

    Args:
        out: Where it goes.
        run: What made them.
        items: All of them.
        asked: How many were asked for; None for one of a certain index.
    """
    from seqgen.inference.item_generator import acceptance

    if asked is not None and len(items) < asked:
        out.note(f"no more than {len(items):,} different items are possible")
    if not items:
        return
    old = sum(not item.novel for item in items)
    if old and not out.marks and not out.as_json:
        out.note(f"{old} of {len(items)} items stand in the training data")
    if asked is not None and run.rejects:
        out.note(acceptance(len(items), items[-1].sample.index + 1))
    taken = sum(item.sample.masked for item in items) / len(items)
    if not out.as_json and not run.unbiased and (run.constrained or taken >= 0.05):
        out.note(f"the guide took away {taken:.1f} nats an item on average")
    stepped_in = {name: sum(item.rules.get(name, 0) for item in items) for name in items[0].rules}
    if stepped_in and not out.as_json:
        told = ", ".join(f"{name} {count:,}" for name, count in stepped_in.items())
        out.note(f"how often a rule forbade what the model liked best: {told}")
    for told in unfinished(run.config, [item.sample for item in items]):
        out.note(told)


def unfinished(config: SamplingConfig, samples: Sequence[Sample]) -> Iterator[str]:
    """A line for each way in which samples did not come to their end."""
    cut = [len(sample.tokens) for sample in samples if sample.finish_reason == "length"]
    if cut:
        yield (
            f"{len(cut)} of {len(samples)} items were cut at {max(cut):,} tokens, before their "
            "end, and may break the domain's rules: raise --max-tokens (where that changes "
            "nothing, seqgen check looks at its guide)"
        )
    dead = sum(sample.finish_reason == "dead_end" for sample in samples)
    if dead:
        blind = ", ".join(f"--{name.replace('_', '-')}" for name in config.blind)
        why = f"; nothing looks ahead to {blind}" if blind else ""
        yield (
            f"{dead} of {len(samples)} items came to a dead end: what was asked leaves no way to "
            f"end{why}"
        )
