"""seqgen report: one HTML page that tells what a run is worth."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.cli.console import Output
from seqgen.cli.options import DOMAIN_FLAG, JSON_FLAG


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-n", "--count", type=click.IntRange(min=1), default=200, help="Samples.  [default: 200]"
)
@DOMAIN_FLAG
@JSON_FLAG
def command(run: Path, count: int, domain_file: str | None, as_json: bool) -> None:
    """Write report.html into a RUN folder: all that is known of its model, on one page.

    The data is read again from where the training found it; the page needs no network.
    """
    from seqgen.cli.progress import working
    from seqgen.io.files import write_file
    from seqgen.report.measurements import measure
    from seqgen.report.page import page
    from seqgen.runs.open_run import OpenRun

    out = Output(as_json)
    with working("reading the data") as tell:
        measured = measure(OpenRun.at(run, domain_file), count, tell)
    path = write_file(run / "report.html", page(measured))
    out.say(f"wrote {path}")
    out.json({"report": str(path)})
