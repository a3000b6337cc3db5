"""The name of before of ``output``, until every command uses that."""

from seqgen.cli.output import Output as Output

Output.say = Output.print  # type: ignore[attr-defined]
Output.note = Output.warn = Output.notice  # type: ignore[attr-defined]
Output.marks = Output.interactive  # type: ignore[attr-defined]
