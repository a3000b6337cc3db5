"""Receipts as text: written as a line, read from JSON, from lines or from a file of a domain."""

from __future__ import annotations

import json
from typing import Any

from seqgen.errors import DataError
from seqgen.inference.receipt import Receipt

#: The prefix of a receipt in a file of a domain.
MARK = "seqgen-receipt "
#: Characters that XML escapes, as JSON escapes.
_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "&<>\x7f"}


def receipt_line(receipt: Receipt) -> str:
    """A receipt as one line of printable ASCII, for any text or binary format."""
    line = json.dumps(receipt.to_json(), separators=(",", ":"), ensure_ascii=True)
    return MARK + "".join(_ESCAPES.get(sign, sign) for sign in line)


def find_receipt_line(data: bytes, where: str) -> str | None:
    """The receipt line in a file of a domain; None if there is none.

    Raises:
        DataError: It holds several, or an incomplete one.
    """
    mark = MARK.encode()
    if data.lstrip()[:1] == b"{" or mark not in data:
        return None
    if data.count(mark) > 1:
        raise DataError(f"{where}: holds {data.count(mark)} receipts; give a file of one sample")
    text = data[data.index(mark) + len(mark) :].decode("latin-1")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: its receipt is damaged: {error}") from None
    return MARK + text[:end]


def read_receipt(text: str, index: int | None, where: str) -> Receipt:
    """The receipt in a text: alone, in the output of ``--json``, or in one of several lines.

    Args:
        text: JSON, or one JSON object per line as in ``samples.jsonl``.
        index: The index of the sample; None if there is only one.
        where: The name of the text in errors.

    Raises:
        SeqgenError: It is not JSON, or does not hold exactly one such receipt.
    """
    found = [receipt for value in _values(text, where) for receipt in _receipts(value)]
    if not found:
        raise DataError(f"{where}: holds no receipt; seqgen generate --json writes them")
    matches = [receipt for receipt in found if index is None or receipt.get("index") == index]
    if len(matches) != 1:
        indices = ", ".join(str(receipt.get("index")) for receipt in found[:10])
        more = ", ..." if len(found) > 10 else ""
        count = f"{len(matches)} matching receipts" if matches else f"no receipt of index {index}"
        raise DataError(f"{where}: holds {count}; choose one with --index ({indices}{more})")
    return Receipt.from_json(matches[0], where)


def _values(text: str, where: str) -> list[Any]:
    """The JSON values of a text: one, or one per line."""
    try:
        try:
            return [json.loads(text)]
        except ValueError:
            lines = [line for line in text.split("\n") if line.strip()]
            if len(lines) < 2:
                raise
            return [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{where}: holds no receipt, and is not JSON ({error}); give samples.jsonl, the output "
            "of --json, or a file that seqgen wrote with a receipt"
        ) from None


def _receipts(value: Any) -> list[dict[str, Any]]:
    """The receipts in one value; a token of ``--stream`` holds none."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("samples"), list):  # the output of seqgen run --json
        return [receipt for sample in value["samples"] for receipt in _receipts(sample)]
    if isinstance(value.get("receipt"), dict):
        return [value["receipt"]]
    return [value] if {"settings", "tokens_sha256"} & value.keys() else []
