"""What the tests of receipts share: reading results, changing receipts, replaying them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from seqgen.inference.receipt import hash_tokens

#: Replays a JSON value or a text: ``replay(value, *flags)``.
Replay = Callable[..., Any]


def samples(answer_out: str) -> list[dict[str, Any]]:
    """The objects of ``--json``."""
    return [json.loads(line) for line in answer_out.splitlines()]


def with_tokens(receipt: dict[str, Any], tokens: list[int]) -> dict[str, Any]:
    """The receipt with other tokens and their hash."""
    return {**receipt, "tokens": tokens, "tokens_sha256": hash_tokens(tokens)}
