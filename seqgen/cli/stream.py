"""TokenPrinter: shows each token of an item as it is chosen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.char_encoder import CharEncoder

if TYPE_CHECKING:
    from seqgen.cli.output import Output
    from seqgen.domains.encoder import Encoder


@final
class TokenPrinter:
    """Tokens on stdout as they come, one item after the other, each flushed.

    Characters stand side by side, other symbols are parted by spaces; with ``--json`` each
    token is a line ``{"index": 7, "token": "a"}``. The prompt comes first, so the tokens
    of an item are all there.

    Args:
        output: Where results go.
        encoder: The fitted encoder, for the symbols.
    """

    def __init__(self, output: Output, encoder: Encoder[Any]) -> None:
        self._output, self._symbols = output, encoder.vocabulary.symbols
        self._between = "" if isinstance(encoder, CharEncoder) else " "
        self._prompt: tuple[int, ...] = ()
        self._index: int | None = None
        self._first = True

    def begin_with(self, prompt: Sequence[int]) -> None:
        """The token ids that every item begins with."""
        self._prompt = tuple(prompt)

    def tell(self, index: int, token: int) -> None:
        """Show one token of the item of that index."""
        self._begin(index)
        self._show(index, token)

    def end(self, index: int) -> None:
        """The item of that index is finished; its line is closed."""
        self._begin(index)  # an item may end with its prompt
        if not self._output.as_json:
            print(flush=True)

    def _begin(self, index: int) -> None:
        if index != self._index:
            self._index, self._first = index, True
            for token in self._prompt:
                self._show(index, token)

    def _show(self, index: int, token: int) -> None:
        symbol = self._symbols[token]
        if self._output.as_json:
            self._output.json({"index": index, "token": symbol})
            return
        sys.stdout.write(symbol if self._first else self._between + symbol)
        sys.stdout.flush()
        self._first = False
