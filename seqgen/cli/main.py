"""The seqgen command: finds the subcommand, and turns expected errors into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, final

import click

from seqgen.errors import SeqgenError

COMMANDS = (
    "run",
    "train",
    "generate",
    "replay",
    "evaluate",
    "report",
    "score",
    "scorecard",
    "inspect",
    "plugins",
    "check",
    "new",
)
#: What shells report for a process ended by Ctrl-C.
INTERRUPTED = 130


@final
class LazyGroup(click.Group):
    """Imports a subcommand's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"seqgen.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader (head, less) has seen enough, and nothing more can be written to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except SystemExit as leave:  # rich's answer to the same
            if isinstance(leave.__context__, BrokenPipeError):
                return 0
            raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seqgen", prog_name="seqgen")
def cli() -> None:
    """Learn to generate sequences: jazz solos, dinosaur names, or your own.

    \b
    seqgen run dinos              learn from names and show some new ones
    seqgen run jazz --generate    learn from solos and write new ones
    seqgen plugins                what else is installed
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 a SeqgenError, 2 wrong usage, 130 Ctrl-C."""
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    # A step's matrices are small: several BLAS threads mostly wait for one another, and on a
    # busy machine for everybody else. Has to be said before NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        result = cli.main(args=args, prog_name="seqgen", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SeqgenError as error:
        if os.environ.get("SEQGEN_RAISE"):
            raise
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        # click raises an Abort of its own from it, and another where its input has ended.
        where = error.__cause__ if isinstance(error.__cause__, KeyboardInterrupt) else error
        print(f"Interrupted {where}".rstrip() + ".", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        from seqgen.cli.tracebacks import blame

        blame(error)
        raise
