"""TokenPrinter: shows each token of an item as it is chosen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.char_encoder import CharEncoder

if TYPE_CHECKING:
    from seqgen.cli.console import Output
    from seqgen.domains.encoder import Encoder


@final
class TokenPrinter:
    """Tokens on stdout as they come, one item after the other, each flushed.

    Characters stand side by side, other symbols are parted by spaces; with ``--json`` each
    token is a line ``{"index": 7, "token": "a"}``. The prompt comes first, so the tokens
    of an item are all there. In a terminal the tokens of a finished item are wiped away where
    they stand on one line: the item itself is shown there next.

    Args:
        output: Where results go.
        encoder: The fitted encoder, for the symbols.
    """

    def __init__(self, output: Output, encoder: Encoder[Any]) -> None:
        self._output, self._symbols = output, encoder.vocabulary.symbols
        self._between = "" if isinstance(encoder, CharEncoder) else " "
        self._prompt: tuple[int, ...] = ()
        self._index: int | None = None
        self._first, self._shown = True, ""

    def begin_with(self, prompt: Sequence[int]) -> None:
        """The token ids that every item begins with."""
        self._prompt = tuple(prompt)

    def tell(self, index: int, token: int) -> None:
        """Show one token of the item of that index."""
        self._begin(index)
        self._show(index, token)

    def end(self, index: int) -> None:
        """The item of that index is finished; its line is wiped or closed."""
        self._begin(index)  # an item may end with its prompt
        if not self._output.as_json:
            width = self._width() if sys.stdout.isatty() else None
            print(end="\n" if width is None else f"\r{' ' * width}\r", flush=True)

    def _width(self) -> int | None:
        """The columns that the tokens take; None where they go on to a second line."""
        from shutil import get_terminal_size

        from rich.cells import cell_len

        width = cell_len(self._shown)
        plain = self._shown.isprintable() and width < get_terminal_size().columns
        return width if plain else None

    def _begin(self, index: int) -> None:
        if index != self._index:
            self._index, self._first, self._shown = index, True, ""
            for token in self._prompt:
                self._show(index, token)

    def _show(self, index: int, token: int) -> None:
        symbol = self._symbols[token]
        if self._output.as_json:
            self._output.json({"index": index, "token": symbol})
            return
        text = symbol if self._first else self._between + symbol
        self._shown += text
        sys.stdout.write(text)
        sys.stdout.flush()
        self._first = False
