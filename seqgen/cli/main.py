"""The seqgen command: imports the subcommand, and prints expected errors as one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, final

import click

from seqgen.errors import SeqgenError

#: The groups of the help, with the commands and what each does.
COMMAND_GROUPS = {
    "Train and generate": {
        "run": "Train a model and show samples. Start here.",
        "train": "Train a model, or resume a training.",
        "generate": "Generate items with a model.",
        "replay": "Generate an item again from its receipt.",
    },
    "Evaluate": {
        "evaluate": "Compare a model with baselines on data.",
        "score": "Show how likely a model finds each token of items.",
        "scorecard": "Compare metrics of files with those of real items.",
        "report": "Write an HTML report of a run.",
    },
    "Data and domains": {
        "inspect": "Describe a model or data.",
        "plugins": "List the installed domains.",
        "new": "Write a package for a new domain.",
        "check": "Check a domain.",
    },
}
COMMANDS = tuple(name for group in COMMAND_GROUPS.values() for name in group)
#: Words that are no commands, and what serves their purpose.
SYNONYMS = {"help": "--help", "list": "plugins", "sample": "generate", "init": "new"}
#: The exit code of a process that Ctrl-C ends, as shells report it.
INTERRUPTED = 130


@final
class CommandGroup(click.Group):
    """Imports the module of a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"seqgen.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command {args[0]!r}{_suggestion(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for title, commands in COMMAND_GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", does) for name, does in commands.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader (head, less) has ended, and nothing more can be written to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except SystemExit as end:  # what rich makes of the same
            if isinstance(end.__context__, BrokenPipeError):
                return 0
            raise


def _suggestion(word: str) -> str:
    """What an unknown command may have meant."""
    from difflib import get_close_matches

    from seqgen.registry.installed_plugins import installed_plugins

    if word in installed_plugins() or word.endswith(".py"):
        return f"; did you mean: seqgen run {word}"
    close = SYNONYMS.get(word) or next(iter(get_close_matches(word, COMMANDS, n=1)), "")
    return f"; did you mean: seqgen {close}" if close else ""


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seqgen", prog_name="seqgen")
def cli() -> None:
    """Learn to generate sequences: jazz solos, dinosaur names, or your own.

    \b
    seqgen run dinos              train on names and show new ones
    seqgen run jazz --generate    write jazz solos as MIDI and MusicXML
    seqgen run dinos --help       the options of a command and a domain
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 success, 1 a SeqgenError, 2 wrong usage, 130 Ctrl-C."""
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    # The matrices of a step are small: several BLAS threads mostly wait for each other, and slow
    # down other processes. Must be set before NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        result = cli.main(args=args, prog_name="seqgen", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SeqgenError as error:
        if os.environ.get("SEQGEN_RAISE"):
            raise
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except click.UsageError as error:
        from seqgen.cli.options import help_command

        print(f"Error: {error.format_message()}", file=sys.stderr)
        print(f"Try: {help_command(error)}", file=sys.stderr)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        # click raises its own Abort from it, and another one at the end of its input.
        cause = error.__cause__ if isinstance(error.__cause__, KeyboardInterrupt) else error
        print(f"Interrupted {cause}".rstrip() + ".", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        _note_domain_code(error)
        raise


def _note_domain_code(error: Exception) -> None:
    """Add a note to an error that code of a domain raised: its file and line.

    The traceback passes through click and seqgen first and may end in a library that the domain
    called, so the line of the domain is easily overlooked.
    """
    import traceback

    from seqgen.domains.encoder import FILE_MODULE
    from seqgen.registry.installed_plugins import installed_plugins

    packages = {
        plugin.module.partition(":")[0].partition(".")[0]: name
        for name, plugins in installed_plugins().items()
        for plugin in plugins
    }
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module, file = str(frame.f_globals.get("__name__", "")), frame.f_code.co_filename
        package = module.partition(".")[0]
        if package.startswith(FILE_MODULE):
            found = f"{file}, line {line}; to find such errors run: seqgen check {file}"
        elif package in packages:
            found = (
                f"{file}, line {line}; to find such errors run: seqgen check {packages[package]}"
            )
    if found:
        error.add_note(
            f"The domain's own code raised this: {found}. A seqgen.SeqgenError raised there would "
            "be printed as one line."
        )
