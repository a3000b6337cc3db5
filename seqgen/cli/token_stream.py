"""The name of before of ``output``, until every command uses that."""

from seqgen.cli.output import TokenPrinter as TokenPrinter

TokenPrinter.tell = TokenPrinter.print  # type: ignore[attr-defined]
TokenPrinter.begin_with = lambda self, prompt: setattr(self, "prompt", prompt)  # type: ignore
