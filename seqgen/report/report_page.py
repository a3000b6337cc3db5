"""The report of a run as one self-contained HTML page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

from seqgen.domains.result_types import ScoreRow
from seqgen.evaluation.copying import MIN_COPIED_RUN, CopyReport, describe_copying
from seqgen.evaluation.describe_scores import describe_difference, remarks, score_rows
from seqgen.evaluation.novelty import describe_known_items
from seqgen.report.html import STYLE, escape, number, paragraph, percent, plain_number, table
from seqgen.report.report_measurements import MOST_COMPARED, Measurements
from seqgen.report.score_card_and_copies import ScoredItems
from seqgen.report.svg_chart import Series, chart
from seqgen.training.history import describe_training

#: Rows that are shown; the others are in a section to open.
SHOWN_ROWS = 20
#: Maximum number of characters of an item's text in a table.
MAX_TEXT = 160
#: Positions that fewer items reach are not drawn.
MIN_ITEMS = 5


def page(found: Measurements) -> str:
    """The report of a run."""
    sections = [
        ("Samples", _samples(found)),
        ("Held-out likelihood", _likelihood(found)),
        ("Novelty and validity", _novelty(found)),
        ("Metrics of the domain", _score_cards(found.scored) or _metrics(found)),
        ("Training", _training(found)),
        ("Learning curve", _curve(found)),
        ("Calibration", _calibration(found)),
        ("Loss by position", _positions(found)),
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


def _opening(found: Measurements) -> str:
    domain, card = found.manifest["domain"], found.manifest["data_card"]
    parameters = found.manifest["metrics"]["parameters"]
    origin = f"Data: {found.origin}. " if found.origin else ""
    return paragraph(
        f"{domain['distribution']} {domain['version']}, {card['items']:,} items, "
        f"{card['tokens']:,} tokens, {parameters:,} parameters. {origin}Intervals are 95 %.",
        "soft",
    )


def _samples(found: Measurements) -> str:
    shown = "".join(media_html(one.generated.sample.index, one.media) for one in found.samples)
    head = ("sample", "new", "copied run", "distance", "nearest training item")
    rows = [
        (
            shorten_text(one.generated.text) or "(empty)",
            "no" if one.novelty.known else "yes",
            f"{one.novelty.run} of {one.novelty.tokens}",
            f"{one.novelty.distance:.2f}",
            shorten_text(one.nearest),
        )
        for one in found.samples
    ]
    text = shown + table(head, rows[:SHOWN_ROWS], "texts")
    if len(rows) > SHOWN_ROWS:
        more = table(head, rows[SHOWN_ROWS:], "texts")
        text += f"<details><summary>{len(rows) - SHOWN_ROWS} more</summary>{more}</details>"
    return text


def media_html(index: int, media: Mapping[str, str | bytes]) -> str:
    """The representations of a sample, as data in frames and images that run no scripts."""
    parts = []
    for kind, content in media.items():
        data = content.encode() if isinstance(content, str) else content
        source = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
        if kind == "text/html":
            parts.append(f'<iframe sandbox title="sample {index}" src="{source}"></iframe>')
        elif kind.startswith("image/"):
            parts.append(f'<img alt="sample {index}" src="{source}">')
        else:
            parts.append(f'<audio controls preload="metadata" src="{source}"></audio>')
    caption = f"<figcaption>sample {index}</figcaption>"
    return f"<figure>{caption}{''.join(parts)}</figure>" if parts else ""


def shorten_text(text: str) -> str:
    """The text of an item for a table."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _likelihood(found: Measurements) -> str:
    held_out = found.manifest["metrics"]["held_out"]
    words = ""
    if "minus_ngram" in held_out:
        words = paragraph(describe_difference(held_out["minus_ngram"]), "verdict")
    items = "held-out items" if held_out["items"] != 1 else "held-out item"
    names = (f"{held_out['items']} {items}", "nats per token", "95 % interval")
    notes = "".join(paragraph(remark) for remark in remarks(held_out))
    return words + table(names, score_rows(held_out)) + notes + paragraph(_unseen(found), "soft")


def _unseen(found: Measurements) -> str:
    if not found.known_held_out:
        return "No held-out item occurs in the training data: equal items are never separated."
    if found.unseen is None:
        return "Every held-out item occurs in the training data: nothing is known of others."
    return (
        f"Of the held-out items {found.known_held_out} occur in the training data; the others "
        f"have {number(found.unseen, 3)} nats per token."
    )


def _novelty(found: Measurements) -> str:
    sets = found.sets
    rows = [
        ("items", *(f"{one.items:,}" for one in sets.values())),
        ("different items", *(f"{one.distinct:,}" for one in sets.values())),
        ("in the training data", *(percent(one.known) for one in sets.values())),
        ("longest copied run, tokens", *(number(one.run, 1) for one in sets.values())),
        ("the same, share of the item", *(percent(one.run_share) for one in sets.values())),
        ("the longest of all", *(f"{one.longest_run:,}" for one in sets.values())),
        ("distance to the nearest", *(number(one.distance) for one in sets.values())),
    ]
    random_split = sets["random split of real items"]
    words = paragraph(describe_known_items(sets["samples"], random_split))
    why = paragraph(
        "All three sets are compared with training items. The split keeps near-duplicates "
        "together, so held-out items are further from the training items than in a random split; "
        "the last column is a random split of the same sizes, and the sentence above compares "
        f"with it. At most {MOST_COMPARED:,} real items are compared, evenly spread. "
        "Distance: Levenshtein distance over the tokens of the longer item, to the nearest "
        "training item.",
        "soft",
    )
    valid = [(name, percent(value)) for name, value in found.validity.items()]
    validity = table(("accepted by the domain's guide", "share"), valid) if valid else ""
    return words + table(("", *sets), rows) + why + validity


def _score_cards(scored: Sequence[ScoredItems]) -> str:
    """The rows of the score card with the means of each set and the range of real items."""
    if not scored:
        return ""
    first = scored[0].card
    head = ("mean over items", *(one.name for one in scored), "5 to 95 % of real ones", "mean")
    rows = [
        _score_row(row, [one.card.rows[place] for one in scored])
        for place, row in enumerate(first.rows)
    ]
    words = [paragraph(first.verdict, "verdict"), paragraph(f"{first.rule}.".capitalize(), "soft")]
    return (
        "".join(words)
        + table((*head, "samples in range", "meaning"), rows, "cards")
        + paragraph(f"Real ones: {'; '.join(first.sources)}.", "soft")
        + _copying(scored)
    )


def _score_row(row: ScoreRow, of_sets: Sequence[ScoreRow]) -> tuple[str, ...]:
    limits = "" if row.low is None else f"{plain_number(row.low)} to {plain_number(row.high)}"
    inside = {True: "yes", False: "no", None: "–"}[row.inside]
    values = (plain_number(one.value) for one in of_sets)
    return (row.name, *values, limits, plain_number(row.mean), inside, row.explanation)


def _copying(scored: Sequence[ScoredItems]) -> str:
    """What each set shares with the training items, by kind of unit."""
    kinds = [kind for kind, found in scored[0].copied.items() if found]
    if not kinds:
        return ""
    head = ("longest run shared with a training item", *(one.name for one in scored), "real ones")
    rows = []
    for kind in kinds:
        found = [one.copied[kind] for one in scored]
        usual = found[0][0].usual
        most = "–" if usual is None else f"up to {usual} in 95 %"
        medians = [f"{median(r.longest for r in one) if one else 0.0:g}" for one in found]
        longest = [f"{max((r.longest for r in one), default=0)}" for one in found]
        rows += [
            (f"{kind}: median", *medians, ""),
            (f"{kind}: the longest", *longest, most),
            (f"{kind}: share in runs of {MIN_COPIED_RUN} or more", *map(_copied_share, found), ""),
        ]
    words = [
        paragraph(f"The longest of the samples: {describe_copying(longest_copy)}.")
        for longest_copy in scored[0].longest_copies
    ]
    return table(head, rows) + "".join(words)


def _copied_share(found: Sequence[CopyReport]) -> str:
    return f"{100 * fmean(one.share for one in found):.1f} %" if found else "–"


def _metrics(found: Measurements) -> str:
    if not found.metrics:
        return ""
    rows = [(name, number(a), number(b)) for name, (a, b) in found.metrics.items()]
    return table(("mean over items", "samples", "held-out items"), rows)


def training_chart(history: Sequence[Mapping[str, Any]]) -> str:
    """The curves of the training and the validation loss.

    Args:
        history: A row of ``history.csv`` for each epoch, by column name; at least one.
    """
    networks = list(dict.fromkeys(row["network"] for row in history))
    series = []
    for name, key, style in (
        ("validation", "validation_nats", "a"),
        ("training (dropout on)", "train_nats", "b"),
    ):
        for network in networks:
            rows = [row for row in history if row["network"] == network]
            label = name if len(networks) == 1 else f"{name} {network}"
            x, y = ([float(row[column]) for row in rows] for column in ("epoch", key))
            series.append(Series(label, x, y, points=len(x) == 1, style=style))
    return chart("Training curves", "epoch", "nats per token", series)


def _training(found: Measurements) -> str:
    if not found.history:
        return ""
    networks = len({row["network"] for row in found.history})
    words = f"{describe_training(found.manifest['training_ended'], networks)}."
    return training_chart(found.history) + paragraph(words, "soft")


def _curve(found: Measurements) -> str:
    if not found.curve:
        return ""
    value, low, high = zip(*found.curve["nats_per_token"], strict=True)
    series = Series("held-out items", found.curve["items"], value, low, high, points=True)
    words = paragraph(found.curve["words"])
    return words + chart("Learning curve", "training items", "nats per token", [series])


def _calibration(found: Measurements) -> str:
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
        "probability of the most probable token",
        "how often it is right",
        [diagonal, points],
    ) + paragraph(
        f"Expected calibration error {100 * found.calibration.error:.1f} % over the held-out "
        "tokens: the most probable token at each position, 15 bins of equal width (Guo et al., "
        "arXiv 1706.04599). Points under the line: overconfident.",
        "soft",
    )


def _positions(found: Measurements) -> str:
    parts = [one for one in found.positions if one.items >= MIN_ITEMS] or list(found.positions)
    series = Series(
        "held-out items",
        [(one.first + one.last) / 2 for one in parts],
        [one.nats.value for one in parts],
        [one.nats.low for one in parts],
        [one.nats.high for one in parts],
    )
    words = paragraph(
        f"Means over the items that reach a position: {parts[0].items} at the first, "
        f"{parts[-1].items} at the last. The end token counts as a position.",
        "soft",
    )
    return chart("Loss by position", "position in the item", "nats per token", [series]) + words


def _data(card: Mapping[str, Any]) -> str:
    parts = ", ".join(f"{n:,} {part.replace('_', ' ')}" for part, n in card["parts"].items())
    rows = [
        ("split", parts),
        ("vocabulary", f"{card['vocabulary']:,}"),
        ("longest", f"{card['longest']:,} tokens"),
        ("duplicates", f"{card['duplicates']:,}"),
        *card["notes"].items(),
        ("licence", card["licence"] or "not stated"),
        ("hash of the data", card["digest"]),
        ("hash of the split", card["split"]),
        ("skipped", f"{sum(entry.get('count', 1) for entry in card['skipped']):,}"),
        *((entry["what"], entry["why"]) for entry in card["skipped"][:SHOWN_ROWS]),
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
