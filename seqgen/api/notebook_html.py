"""What a notebook shows of models, items and metrics: HTML without scripts or other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqgen.report.html import count_items, escape, paragraph, table
from seqgen.report.report_measurements import rendered_media
from seqgen.report.report_page import media_html, shorten_text, training_chart

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.inference.generated_items import GeneratedItem

#: At most as many items have pictures and sound, and fewer if these take more characters of HTML:
#: they are saved in the notebook.
RENDERED, MAX_MEDIA = 8, 12_000_000
#: Rows of the table of items.
SHOWN = 50
#: The styles of the report that its tables and charts need, for elements of class "seqgen" only.
STYLE = (
    "<style>.seqgen{max-width:46rem}.seqgen figure{margin:.6rem 0}"
    ".seqgen h4{margin:.6rem 0 .2rem}.seqgen p{margin:.3rem 0}.seqgen .soft{opacity:.75}"
    ".seqgen figure img{max-width:100%;background:#fff}.seqgen figure audio{width:100%}"
    ".seqgen figure iframe{width:100%;border:0;min-height:16rem}"
    ".seqgen figcaption{display:flex;justify-content:space-between;font-size:.88rem}"
    ".seqgen .key{margin-left:1rem;color:#1f6fd1}.seqgen .key.b{color:#d9731a}"
    ".seqgen svg{width:100%;height:auto}.seqgen svg text{font-size:12px;fill:currentColor}"
    ".seqgen .mid{text-anchor:middle}.seqgen .end{text-anchor:end}"
    ".seqgen .grid{stroke:currentColor;opacity:.15}"
    ".seqgen .line,.seqgen .bar{fill:none;stroke-width:2;stroke:#1f6fd1}"
    ".seqgen circle{fill:#1f6fd1}.seqgen .line.b,.seqgen .bar.b{stroke:#d9731a}"
    ".seqgen circle.b{fill:#d9731a}"
    ".seqgen td:first-child,.seqgen th:first-child{text-align:left}"
    ".seqgen td,.seqgen th{padding:.2rem .6rem}"
    ".seqgen td:first-child{white-space:pre-wrap;overflow-wrap:break-word}</style>"
)


def page_part(*parts: str) -> str:
    """HTML for a notebook, with the styles of its tables and charts."""
    return f'{STYLE}<div class="seqgen">{"".join(parts)}</div>'


def scores_html(items: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """The scores of a model next to those of the baselines.

    Args:
        items: What was scored.
        rows: Model, nats per token and interval of each.
        notes: Sentences below the table.
    """
    head = (items, "nats per token", "95 % interval")
    return table(head, rows) + "".join(map(paragraph, notes))


def items_html(domain: Domain, items: Sequence[GeneratedItem]) -> str:
    """Pictures and sound of the first items, and a table of all."""
    shown = list[str]()
    for one in items[:RENDERED]:
        if sum(map(len, shown)) < MAX_MEDIA:
            shown.append(media_html(one.sample.index, rendered_media(domain, one.sample.item)))
    rows = [
        (
            shorten_text(one.text),
            "yes" if one.novel else "no",
            one.sample.index,
            f"{one.sample.logp:.2f}",
        )
        for one in items[:SHOWN]
    ]
    head = (f"{count_items(len(items))} of {domain.name}", "new", "index", "log-probability (nats)")
    more = f"... and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return page_part(*shown, table(head, rows), paragraph(more, "soft") if more else "")


def data_card_html(card: Mapping[str, Any]) -> str:
    """The data card of a model file as a table."""
    facts = [("items", f"{card['items']:,}"), ("longest item", f"{card['longest']:,} tokens")]
    for name in ("tokens", "vocabulary"):
        facts += [(name, f"{card[name]:,}")] if name in card else []
    facts += [(name.replace("_", " "), f"{n:,}") for name, n in card.get("parts", {}).items()]
    facts += list(card.get("notes", {}).items())
    facts += [("licence", card["licence"])] if card.get("licence") else []
    return table(("data", ""), facts)


def model_html(
    domain: Domain,
    about: str,
    card: Mapping[str, Any],
    scores: str,
    history: Sequence[Mapping[str, float]],
) -> str:
    """The data card of a model, its scores as HTML, and its learning curve."""
    return page_part(
        f"<h4>{escape(domain.name)}: {escape(domain.summary)}</h4>",
        paragraph(about),
        data_card_html(card),
        scores,
        training_chart(history) if history else "",
    )
