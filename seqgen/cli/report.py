"""seqgen report: an HTML page about a model."""

from __future__ import annotations

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output


@click.command("report")
@options.MODEL
@options.option(
    "-n --count", "Number of samples to measure.  [default: 200]", options.POSITIVE, default=200
)
@options.DOMAIN_FILE
@options.JSON
def command(model: str, count: int, domain_file: str | None, as_json: bool) -> None:
    """Write report.html into a run folder: all measurements of its model on one page.

    MODEL is a run folder, its model file or the name of a domain. The data is read again from
    where the training read it.
    """
    from seqgen.io.atomic_files import write_file
    from seqgen.report.report_measurements import measure
    from seqgen.report.report_page import page
    from seqgen.runs.open_run import OpenRun
    from seqgen.runs.progress import Progress

    out = Output(as_json)
    with Progress("reading the data ...") as progress:
        run = OpenRun.at(model, domain_file)
        measured = measure(run, count, lambda step: progress.update(f"{step} ..."))
    path = write_file(run.folder.path / "report.html", page(measured))
    out.print(f"wrote {path}")
    out.json({"report": str(path)})
