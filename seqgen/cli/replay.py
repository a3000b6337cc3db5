"""seqgen replay: makes an item again from its receipt and tells whether it is the same."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqgen.cli.domain_flags import DOMAIN_FLAG, JSON_FLAG
from seqgen.cli.output import Output
from seqgen.errors import DataError, SeqgenError
from seqgen.runs.open_model import load_parts

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
@DOMAIN_FLAG
@JSON_FLAG
def command(
    receipt: Path, model: Path | None, index: int | None, domain_file: str | None, as_json: bool
) -> None:
    """Make an item again from its RECEIPT, and tell whether it is the same.

    RECEIPT is a JSON file, samples.jsonl, or - for stdin. A model file of another content than
    the receipt names is refused.
    """
    from seqgen.cli.show import show_samples
    from seqgen.runs.read_receipt import read_receipt
    from seqgen.runs.replay_run import check_model, replay

    out = Output(as_json)
    where = "stdin" if str(receipt) == "-" else str(receipt)
    wanted = read_receipt(_read(receipt), index, where)
    path = model or Path(wanted.origin.model)
    check_model(wanted, path)
    loaded, trained = load_parts(path, domain_file)
    found = replay(wanted, loaded, trained, path)
    out.json(found.to_json())
    show_samples(out, loaded.domain, [found.item])
    changes = f" ({'; '.join(found.changes)})" if found.changes else ""
    if found.difference:
        raise SeqgenError(
            f"sample {wanted.index} differs from its receipt: {found.difference}{changes}"
        )
    out.say(f"sample {wanted.index} is the same as in its receipt, token for token{changes}")


def _read(path: Path) -> str:
    """The text of a file, or of stdin for ``-``.

    Raises:
        DataError: There is no such file, it is too large or not text.
    """
    try:
        if str(path) == "-":
            text = sys.stdin.read(LARGEST + 1)
        elif not path.is_file():
            raise DataError(f"no receipt {path}; give a JSON file, samples.jsonl, or - for stdin")
        else:
            with path.open(encoding="utf-8-sig") as handle:
                text = handle.read(LARGEST + 1)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text, so it is no receipt: {error.reason}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    if len(text) > LARGEST:
        raise DataError(f"{path} has more than the {LARGEST:,} characters that are read")
    return text
