"""seqgen replay: generate an item again from its receipt and compare the two."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output, print_samples
from seqgen.errors import DataError, SeqgenError
from seqgen.inference.open_model import resolve_target

#: The largest file that is read, in bytes. A receipt has a few thousand.
MAX_BYTES = 256 * 1024 * 1024


@click.command("replay")
@click.argument("receipt", type=click.Path(path_type=Path, allow_dash=True))
@options.option(
    "--model",
    "The model, if it is elsewhere now: a model file, run folder or domain.",
    metavar="MODEL",
)
@options.option("--index", "The sample to generate, if RECEIPT has several.", options.INDEX)
@options.option("--out", "Write the files of the item to this folder.", options.PATH)
@options.DOMAIN_FILE
@options.JSON
def command(
    receipt: Path,
    model: str | None,
    index: int | None,
    out: Path | None,
    domain_file: str | None,
    as_json: bool,
) -> None:
    """Generate an item again from its RECEIPT, and check that it is the same.

    RECEIPT is a JSON file, samples.jsonl, - for stdin, or a file of the item that contains the
    receipt; such a file is compared byte for byte. The model must be the one that the receipt
    names.
    """
    from seqgen.inference.receipt import MARK, find_receipt_line, read_receipt
    from seqgen.inference.replay import check_model, file_difference, replay, write_replayed

    output = Output(as_json)
    where = "stdin" if str(receipt) == "-" else str(receipt)
    data = _read(receipt)
    line = find_receipt_line(data, where)
    wanted = read_receipt(line.removeprefix(MARK) if line else _text(data, where), index, where)
    path = Path(model or wanted.origin.model)
    if model and not path.is_file():
        path = resolve_target(model, domain_file).path
    check_model(wanted, path)
    target = resolve_target(path, domain_file)
    domain = target.loaded.domain
    replayed = replay(wanted, target.loaded, target.open().trained, path)
    if not replayed.difference and line:
        replayed = replace(replayed, difference=file_difference(domain, replayed, line, receipt))
    output.json(replayed.to_json())
    print_samples(output, domain, [replayed.item])
    for file in write_replayed(domain, replayed, line, out) if out else []:
        output.print(f"wrote {file}")
    changes = f" ({'; '.join(replayed.changes)})" if replayed.changes else ""
    if replayed.difference:
        raise SeqgenError(
            f"sample {wanted.index} differs from its receipt: {replayed.difference}{changes}"
        )
    same = ", token for token" + (f", and {where} byte for byte" if line else "")
    output.print(f"sample {wanted.index} is the same as in its receipt{same}{changes}")


def _read(path: Path) -> bytes:
    """The content of a file, or of stdin for ``-``.

    Raises:
        DataError: There is no such file, or it is too large.
    """
    try:
        if str(path) == "-":
            data = sys.stdin.read(MAX_BYTES + 1).encode()
        elif not path.is_file():
            raise DataError(f"no receipt {path}; give a JSON file, samples.jsonl, or - for stdin")
        else:
            with path.open("rb") as handle:
                data = handle.read(MAX_BYTES + 1)
    except UnicodeDecodeError as error:
        raise DataError(f"stdin is not UTF-8 text, so it is no receipt: {error.reason}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise DataError(f"{path} is larger than {MAX_BYTES:,} bytes, so it is no receipt")
    return data


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where} contains no receipt and is not UTF-8 text ({error.reason}): seqgen did not "
            "write it, or another program changed it"
        ) from None
