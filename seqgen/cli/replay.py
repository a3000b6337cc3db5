"""seqgen replay: makes an item again from its receipt and tells whether it is the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from seqgen.cli.options import DOMAIN_FILE_OPTION, JSON_OPTION
from seqgen.cli.output import Output, print_samples
from seqgen.errors import DataError, SeqgenError
from seqgen.inference.model import load_parts

#: A receipt has a few kilobytes; what is much larger than many of them is something else.
LARGEST = 256 * 1024 * 1024


@click.command("replay")
@click.argument("receipt", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--model", type=click.Path(path_type=Path), help="The model file, where it is elsewhere now."
)
@click.option(
    "--index", type=click.IntRange(0, 2**63 - 1), help="Which sample, where RECEIPT holds several."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the files to this folder.")
@DOMAIN_FILE_OPTION
@JSON_OPTION
def command(
    receipt: Path,
    model: Path | None,
    index: int | None,
    out: Path | None,
    domain_file: str | None,
    as_json: bool,
) -> None:
    """Make an item again from its RECEIPT, and tell whether it is the same.

    RECEIPT is a JSON file, samples.jsonl, - for stdin, or a file that a domain wrote with the
    receipt in it, which is then held against what comes out now byte for byte. A model file of
    another content than the receipt names is refused.
    """
    from seqgen.inference.receipt_format import MARK, find_receipt_line, read_receipt
    from seqgen.inference.replay import check_model, file_difference, replay, write_again

    output = Output(as_json)
    where = "stdin" if str(receipt) == "-" else str(receipt)
    data = _read(receipt)
    line = find_receipt_line(data, where)
    wanted = read_receipt(line.removeprefix(MARK) if line else _text(data, where), index, where)
    path = model or Path(wanted.origin.model)
    check_model(wanted, path)
    loaded, trained = load_parts(path, domain_file)
    found = replay(wanted, loaded, trained, path)
    if not found.difference and line:
        found = replace(found, difference=file_difference(loaded.domain, found, line, receipt))
    output.json(found.to_json())
    print_samples(output, loaded.domain, [found.item])
    for file in write_again(loaded.domain, found, line, out) if out else []:
        output.print(f"wrote {file}")
    changes = f" ({'; '.join(found.changes)})" if found.changes else ""
    if found.difference:
        raise SeqgenError(
            f"sample {wanted.index} differs from its receipt: {found.difference}{changes}"
        )
    held = ", token for token" + (f", and {where} byte for byte" if line else "")
    output.print(f"sample {wanted.index} is the same as in its receipt{held}{changes}")


def _read(path: Path) -> bytes:
    """What is in a file, or in stdin for ``-``.

    Raises:
        DataError: There is no such file, or it is too large.
    """
    try:
        if str(path) == "-":
            data = sys.stdin.read(LARGEST + 1).encode()
        elif not path.is_file():
            raise DataError(f"no receipt {path}; give a JSON file, samples.jsonl, or - for stdin")
        else:
            with path.open("rb") as handle:
                data = handle.read(LARGEST + 1)
    except UnicodeDecodeError as error:
        raise DataError(f"stdin is not UTF-8 text, so it is no receipt: {error.reason}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise DataError(f"{path} has more than the {LARGEST:,} bytes that are read")
    return data


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where} holds no receipt, and is not UTF-8 text ({error.reason}): seqgen did not "
            "write it, or another program saved it since"
        ) from None
