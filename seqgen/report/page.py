"""The page: everything measured of a run, as one self-contained HTML text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqgen.evaluation.novelty import describe_known_items
from seqgen.evaluation.summary import describe_difference, remarks, score_rows
from seqgen.report.html import escape, number, paragraph, percent, table
from seqgen.report.measurements import MOST_COMPARED, Measured
from seqgen.report.score_cards import score_cards
from seqgen.report.stylesheet import STYLE
from seqgen.report.svg_chart import Series, chart
from seqgen.training.history import ended_in_words

#: So many samples are shown at once, and the rest behind a line to open.
SHOWN = 20
#: Characters of an item's text in the sample table.
TEXT = 160
#: Places that fewer items reach are not drawn: their mean says little.
FEW = 5


def page(found: Measured) -> str:
    """The report of a run."""
    sections = [
        ("How good it is", _quality(found)),
        ("Samples beside real items", _sets(found)),
        ("Training", _training(found)),
        ("Learning curve", _curve(found)),
        ("Calibration", _calibration(found)),
        ("Loss by position", _positions(found)),
        ("The domain's own figures", score_cards(found.judged) or _described(found)),
        ("Samples", _samples(found)),
        ("Data", _data(found.manifest["data_card"])),
        ("Settings", _settings(found.manifest)),
    ]
    body = "".join(
        f"<section><h2>{escape(name)}</h2>{text}</section>" for name, text in sections if text
    )
    title = f"{found.domain}: report of a run"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>{_opening(found)}{body}</main></body></html>\n"
    )


def _opening(found: Measured) -> str:
    domain, card = found.manifest["domain"], found.manifest["data_card"]
    parameters = found.manifest["metrics"]["parameters"]
    return paragraph(
        f"{domain['distribution']} {domain['version']}, {card['items']:,} items, "
        f"{card['tokens']:,} tokens, {parameters:,} parameters. All intervals are 95 %.",
        "soft",
    )


def _quality(found: Measured) -> str:
    held_out = found.manifest["metrics"]["held_out"]
    words = ""
    if "minus_ngram" in held_out:
        words = paragraph(describe_difference(held_out["minus_ngram"]), "verdict")
    items = "held-out items" if held_out["items"] != 1 else "held-out item"
    names = (f"{held_out['items']} {items}", "nats per token", "95 % interval")
    said = "".join(paragraph(remark) for remark in remarks(held_out))
    return words + table(names, score_rows(held_out)) + said + paragraph(_unseen(found), "soft")


def _unseen(found: Measured) -> str:
    if not found.known_held_out:
        return "No held-out item stands in the training data: the split keeps equal items together."
    if found.unseen is None:
        return "Every held-out item stands in the training data: the figures say nothing of others."
    return (
        f"Of the held-out items {found.known_held_out} are in the training data; the others alone "
        f"have {number(found.unseen, 3)} nats per token."
    )


def _sets(found: Measured) -> str:
    sets = found.sets
    rows = [
        ("items", *(f"{one.items:,}" for one in sets.values())),
        ("different ones", *(f"{one.distinct:,}" for one in sets.values())),
        ("in the training data", *(percent(one.known) for one in sets.values())),
        ("longest copied run, tokens", *(number(one.run, 1) for one in sets.values())),
        ("the same, of the item", *(percent(one.run_share) for one in sets.values())),
        ("the longest of all", *(f"{one.longest_run:,}" for one in sets.values())),
        ("distance to the nearest", *(number(one.distance) for one in sets.values())),
    ]
    blind = sets["real items, parted blindly"]
    words = paragraph(describe_known_items(sets["samples"], blind))
    why = paragraph(
        "All three are held against training items only. The split keeps items that are alike on "
        "one side, so the held-out ones are further from the training items than chance makes "
        "them; the last column draws as many of each without that, and is what the sentence "
        f"above names. Of real items {MOST_COMPARED:,} at most are compared, evenly spread. "
        "Distance: edits over the tokens of the longer item, to the nearest training item.",
        "soft",
    )
    valid = [(name, percent(value)) for name, value in found.validity.items()]
    validity = table(("accepted by the domain's guide", "share"), valid) if valid else ""
    return words + table(("", *sets), rows) + why + validity


def _training(found: Measured) -> str:
    if not found.history:
        return ""
    networks = list(dict.fromkeys(row["network"] for row in found.history))
    series = []
    for name, key, style in (
        ("validation", "validation_nats", "a"),
        ("training (dropout on)", "train_nats", "b"),
    ):
        for network in networks:
            rows = [row for row in found.history if row["network"] == network]
            label = name if len(networks) == 1 else f"{name} {network}"
            x, y = ([float(row[column]) for row in rows] for column in ("epoch", key))
            series.append(Series(label, x, y, points=len(x) == 1, style=style))
    ended = found.manifest["training_ended"]
    words = f"{ended_in_words(ended, len(networks))}."
    return chart("Training curves", "epoch", "nats per token", series) + paragraph(words, "soft")


def _curve(found: Measured) -> str:
    if not found.curve:
        return ""
    value, low, high = zip(*found.curve["nats_per_token"], strict=True)
    series = Series("held-out items", found.curve["items"], value, low, high, points=True)
    words = paragraph(found.curve["words"])
    return words + chart("Learning curve", "training items", "nats per token", [series])


def _calibration(found: Measured) -> str:
    bins = found.calibration.bins
    diagonal = Series("perfect", (0.0, 1.0), (0.0, 1.0), style="faint")
    points = Series(
        "this model",
        [one.confidence for one in bins],
        [one.accuracy.value for one in bins],
        [one.accuracy.low for one in bins],
        [one.accuracy.high for one in bins],
        points=True,
    )
    return chart(
        "Reliability diagram",
        "probability of the likeliest token",
        "share of places where it came",
        [diagonal, points],
    ) + paragraph(
        f"Expected calibration error {100 * found.calibration.error:.1f} % over the held-out "
        "tokens: the likeliest token at each place, 15 bins of equal width (Guo et al., arXiv "
        "1706.04599). Points under the line: more sure than right.",
        "soft",
    )


def _positions(found: Measured) -> str:
    parts = [one for one in found.positions if one.items >= FEW] or list(found.positions)
    series = Series(
        "held-out items",
        [(one.first + one.last) / 2 for one in parts],
        [one.nats.value for one in parts],
        [one.nats.low for one in parts],
        [one.nats.high for one in parts],
    )
    words = paragraph(
        f"Means over the items that reach a place: {parts[0].items} at the first, "
        f"{parts[-1].items} at the last. The end token counts as a place.",
        "soft",
    )
    return chart("Loss by position", "place in the item", "nats per token", [series]) + words


def _described(found: Measured) -> str:
    if not found.described:
        return ""
    rows = [(name, number(a), number(b)) for name, (a, b) in found.described.items()]
    return table(("mean over items", "samples", "held-out items"), rows)


def _samples(found: Measured) -> str:
    head = ("sample", "new", "copied run", "distance", "nearest training item")
    rows = [
        (
            _short(one.made.text) or "(empty)",
            "no" if one.newness.known else "yes",
            f"{one.newness.run} of {one.newness.tokens}",
            f"{one.newness.distance:.2f}",
            _short(one.nearest),
        )
        for one in found.samples
    ]
    text = table(head, rows[:SHOWN], "texts")
    if len(rows) > SHOWN:
        more = table(head, rows[SHOWN:], "texts")
        text += f"<details><summary>{len(rows) - SHOWN} more</summary>{more}</details>"
    return text


def _short(text: str) -> str:
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"


def _data(card: Mapping[str, Any]) -> str:
    parts = ", ".join(f"{n:,} {part.replace('_', ' ')}" for part, n in card["parts"].items())
    rows = [
        ("split", parts),
        ("vocabulary", f"{card['vocabulary']:,}"),
        ("longest", f"{card['longest']:,} tokens"),
        ("duplicates", f"{card['duplicates']:,}"),
        *card["notes"].items(),
        ("licence", card["licence"] or "not given"),
        ("hash of the data", card["digest"]),
        ("hash of the split", card["split"]),
        ("skipped", f"{sum(entry.get('count', 1) for entry in card['skipped']):,}"),
        *((entry["what"], entry["why"]) for entry in card["skipped"][:SHOWN]),
    ]
    return table(("fact", "value"), rows, "facts")


def _settings(manifest: Mapping[str, Any]) -> str:
    def values(part: str) -> list[tuple[str, Any]]:
        unset: tuple[Any, ...] = (None, "", [], {})
        return [(name, value) for name, value in manifest[part].items() if value not in unset]

    rows = [
        (part, ", ".join(f"{name} {value}" for name, value in values(part)))
        for part in ("model", "training", "generation")
        if part in manifest
    ]
    mixture = manifest.get("mixture", {})
    rows.append(("share of the n-gram", f"{mixture.get('ngram', 0.0):.3f}"))
    return table(("part", "settings"), rows, "facts")
