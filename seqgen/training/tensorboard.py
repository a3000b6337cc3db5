"""TensorBoard: the curves of a training as Keras' own callback writes them, where wished."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from seqgen.errors import SeqgenError


def check_tensorboard() -> None:
    """Tell before a training that the package is missing.

    Raises:
        SeqgenError: It is.
    """
    try:
        missing = importlib.util.find_spec("tensorboard") is None
    except ValueError:  # it was imported, or kept from being so, without a specification
        missing = sys.modules.get("tensorboard") is None
    if missing:
        raise SeqgenError(
            "--tensorboard needs the package tensorboard, which is not installed; install it "
            "(pip install 'seqgen[tensorboard]'), or leave --tensorboard out: history.csv holds "
            "the same figures"
        )


def tensorboard_callbacks(folder: Path | None, network: int) -> list[Any]:
    """The callbacks that write the events of a network, counted from 1, below a folder.

    Args:
        folder: The folder; None for no callbacks.
        network: Its number.
    """
    if folder is None:
        return []
    check_tensorboard()
    import keras

    # The graph would hold the whole model a second time, and nobody asked for it.
    return [keras.callbacks.TensorBoard(str(folder / f"network{network}"), write_graph=False)]
