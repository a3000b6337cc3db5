"""Interrupt: a Ctrl-C that is heard even where a library swallows it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final


@final
class Interrupt:
    """Notes Ctrl-C beside letting it be raised.

    Raised alone it may be lost: Keras (3.15.1) waits for the figures of a step in a ``try`` that
    catches everything, which on JAX is most of a step's time, and Python drops what is raised
    while the garbage collector runs.
    """

    def __init__(self) -> None:
        self._came = False

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Listen; only in the main thread, where Python raises it, and not where it is ignored."""
        before = signal.getsignal(signal.SIGINT)
        if not callable(before) or threading.current_thread() is not threading.main_thread():
            yield
            return
        raising = before

        def note(number: int, frame: FrameType | None) -> None:
            self._came = True
            raising(number, frame)

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def raise_again(self) -> None:
        """Raise it where it came and was lost.

        Raises:
            KeyboardInterrupt: It came.
        """
        if self._came:
            raise KeyboardInterrupt
