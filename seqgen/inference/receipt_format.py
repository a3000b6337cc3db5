"""Reading receipts: one alone, within results, among lines, or inside a file of a domain."""

from __future__ import annotations

import json
from typing import Any

from seqgen.errors import DataError
from seqgen.inference.receipt import Receipt

#: Stands before a receipt inside a file that a domain wrote.
MARK = "seqgen-receipt "
#: What XML would write in another way; JSON can spell it out.
_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "&<>\x7f"}


def receipt_line(receipt: Receipt) -> str:
    """A receipt as one line of printable ASCII that any text or binary format can hold as it is."""
    line = json.dumps(receipt.to_json(), separators=(",", ":"), ensure_ascii=True)
    return MARK + "".join(_ESCAPES.get(sign, sign) for sign in line)


def find_receipt_line(data: bytes, where: str) -> str | None:
    """The one receipt line inside a file of a domain; None where it holds none.

    Raises:
        DataError: It holds several, or one that is cut short.
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
    """The receipt in a text: alone, within a result of ``--json``, or in one of many lines.

    Args:
        text: JSON, or a JSON object a line as ``samples.jsonl`` holds them.
        index: Which sample is meant; None where there is only one.
        where: What the text is called in errors.

    Raises:
        SeqgenError: It is not JSON, holds no receipt, or not exactly one that is meant.
    """
    found = [receipt for value in _values(text, where) for receipt in _receipts(value)]
    if not found:
        raise DataError(f"{where}: holds no receipt; seqgen generate --json writes them")
    wanted = [one for one in found if index is None or one.get("index") == index]
    if len(wanted) != 1:
        indices = ", ".join(str(one.get("index")) for one in found[:10])
        more = ", ..." if len(found) > 10 else ""
        said = f"no receipt of index {index}" if not wanted else f"{len(wanted)} receipts that fit"
        raise DataError(f"{where}: holds {said}; say which with --index ({indices}{more})")
    return Receipt.from_json(wanted[0], where)


def _values(text: str, where: str) -> list[Any]:
    """The JSON values of a text: one, or one a line."""
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
            f"{where}: holds no receipt, and is not JSON ({error}); give a file that seqgen wrote "
            "with one, samples.jsonl, or the output of --json"
        ) from None


def _receipts(value: Any) -> list[dict[str, Any]]:
    """The receipts in one value; the tokens that ``--stream`` tells of hold none."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("samples"), list):  # what seqgen run --json prints
        return [receipt for sample in value["samples"] for receipt in _receipts(sample)]
    if isinstance(value.get("receipt"), dict):
        return [value["receipt"]]
    return [value] if {"settings", "tokens_sha256"} & value.keys() else []
