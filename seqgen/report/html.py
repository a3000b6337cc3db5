"""HTML as text: escaping, tables, numbers, the style sheet."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from seqgen.evaluation.confidence_intervals import Estimate


def escape(value: object) -> str:
    """Any value as text, without markup."""
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in str(value))
    return html.escape(shown, quote=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """A table; the first column is text, the others are numbers. Everything is escaped.

    Args:
        head: Names of the columns.
        rows: The cells.
        kind: A class for the style sheet.
    """
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="wide"><table class="{escape(kind)}"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; the text is escaped."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def percent(value: Estimate) -> str:
    """A proportion in percent with its interval, if it has one."""
    if math.isnan(value.value):
        return "–"
    if math.isnan(value.low):
        return f"{100 * value.value:.1f} %"
    return f"{100 * value.value:.1f} % [{100 * value.low:.1f}, {100 * value.high:.1f}]"


def number(value: Estimate, digits: int = 2) -> str:
    """An estimate with its interval, if it has one."""
    if math.isnan(value.value):
        return "–"
    if math.isnan(value.low):
        return f"{value.value:.{digits}f}"
    return f"{value.value:.{digits}f} [{value.low:.{digits}f}, {value.high:.{digits}f}]"


def plain_number(value: float | None) -> str:
    """A number with three digits, or a dash."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


#: Light and dark, wide and narrow; nothing is loaded from elsewhere.
STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#dfe4ea;--back:#f6f7f9;
--card:#fff;--a:#1f6fd1;--b:#d9731a;--faint:#9aa5b1}
@media(prefers-color-scheme:dark){:root{--ink:#e5e9ef;--soft:#9ba7b5;--line:#323a45;--back:#14181d;
--card:#1c2229;--a:#6cacf5;--b:#f2a05c;--faint:#6d7884}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.12rem;margin:0 0 .5rem}
p{margin:.4rem 0;max-width:44rem}.soft{color:var(--soft);font-size:.92rem}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:1.1rem 1.25rem;margin:1rem 0}
.verdict{font-size:1.1rem;font-weight:600}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .9rem .32rem 0;text-align:right;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--soft);font-weight:500}tr:last-child td{border-bottom:0}
th:first-child,td:first-child{text-align:left}
td{white-space:nowrap}td:first-child{white-space:normal;min-width:7.5rem}th:last-child,td:last-child{padding-right:0}
.facts td:last-child,.facts th:last-child{text-align:left;overflow-wrap:anywhere;
white-space:normal}
.facts td:first-child{color:var(--soft);white-space:nowrap;width:9rem}
.facts thead{position:absolute;left:-999rem}
.cards td:last-child,.cards th:last-child{text-align:left;white-space:normal;min-width:14rem}
.texts td:first-child,.texts td:last-child{min-width:9rem;max-width:20rem;overflow-wrap:anywhere;
white-space:normal}
.texts th:last-child,.texts td:last-child{text-align:left}
figure{margin:.6rem 0 0}
figure img,figure audio,figure iframe{width:100%;display:block;margin:.3rem 0}
figure img{background:#fff;border-radius:6px}iframe{border:0;min-height:16rem}
figcaption{color:var(--soft);font-size:.88rem;display:flex;flex-wrap:wrap;
justify-content:space-between;gap:.2rem 1rem}
.legend{display:inline-flex;flex-wrap:wrap;gap:0 1rem}
.key::before{content:"";display:inline-block;width:.8rem;height:.25rem;border-radius:2px;
margin-right:.4rem;vertical-align:middle;background:var(--a)}
.key.b::before{background:var(--b)}.key.faint::before{background:var(--faint)}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font-size:12px}.mid{text-anchor:middle}.end{text-anchor:end}
.grid{stroke:var(--line)}.line,.bar{fill:none;stroke-width:2;stroke:var(--a)}
.bar{stroke-width:1.2;opacity:.6}circle{fill:var(--a)}
.line.b,.bar.b{stroke:var(--b)}circle.b{fill:var(--b)}
.line.faint{stroke:var(--faint);stroke-dasharray:5 4}
details>summary{cursor:pointer;color:var(--soft)}
@media(max-width:40rem){svg text{font-size:19px}section{padding:.9rem}}
@media print{section{break-inside:avoid}}
"""


def count_items(count: int) -> str:
    """A number of items in words: "1 item", "2 items"."""
    return f"{count:,} item{'s' * (count != 1)}"
