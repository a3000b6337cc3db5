"""The reader's own process: a path a line on standard input, an answer a line on the output.

Run as ``python -m seqgen_jazz.reading.worker``. The slow parser lives here, so that the
program that asks can end it when a file takes too long.
"""

from __future__ import annotations

import json
import sys
import warnings
from binascii import b2a_base64
from pathlib import Path
from typing import TextIO

from seqgen import DataError
from seqgen_jazz.reading.reader import read_file
from seqgen_jazz.reading.record import dump


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answer each path (a JSON string) with ``{"read": base64}`` or ``{"error": reason}``."""
    for line in questions:
        answer: dict[str, object]
        try:
            content = dump(read_file(Path(json.loads(line))))
            answer = {"read": b2a_base64(content, newline=False).decode("ascii")}
        except DataError as error:
            answer = {"error": str(error)}
        except (RecursionError, MemoryError) as error:
            answer = {"error": f"its reader failed ({type(error).__name__})"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serve standard input until it is closed; what libraries print goes elsewhere."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    warnings.simplefilter("ignore")
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
