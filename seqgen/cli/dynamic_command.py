"""The name of before of ``target_command``, until every command uses that."""

from seqgen.cli.target_command import TargetCommand as TargetCommand
