"""Checks of a logits processor: excluded tokens, its state, and rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Vocabulary
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.generation.components import PROCESSOR
from seqgen.generation.logits_processor import CheckedProcessor, LogitsProcessor, Stage
from seqgen.testing.checks.sampler import equal_states, random_logits
from seqgen.testing.failures import FIX_LINE, format_value, report_errors, require

LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: The sizes of batches and of walks that processors are checked with.
ROWS, STEPS = 5, 8
#: The largest difference of a logit alone and in a batch that rounding explains.
TOLERANCE = 1e-4
Logits = NDArray[np.float32]
IN_PLACE = "compute new arrays for the state; use no +=, no out= on it"
BY_ROW = "compute each row from its own logits and state; check select()"


def letters_encoder() -> CharEncoder:
    """The encoder that processors are checked with: the letters from a to z."""
    return CharEncoder(vocabulary=Vocabulary(tuple(LETTERS)))


@final
class ProcessorUnderTest:
    """A logits processor that is checked, with random logits.

    Args:
        processor: The processor, made for ``letters_encoder()``.
    """

    def __init__(self, processor: LogitsProcessor[Any]) -> None:
        self.processor, self.size = processor, len(LETTERS) + 1
        self.checked = CheckedProcessor(processor)

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def run(self, check: Callable[[ProcessorUnderTest], str]) -> str:
        """Run the function of a check, as ``CellUnderTest.run`` does."""
        with report_errors("the processor", FIX_LINE):
            return check(self)

    def walk(self) -> Iterator[tuple[Logits, NDArray[np.int64], Any]]:
        """Logits with gaps, tokens, and the state before each step of a batch."""
        rng, state = np.random.default_rng(1), self.processor.start(ROWS)
        for _ in range(STEPS):
            # Few different tokens, so that some are repeated.
            tokens = rng.integers(0, 3, ROWS)
            yield random_logits(rng, ROWS, self.size), tokens, state
            state = self.processor.advance(state, tokens)

    def apply(self, logits: Logits, state: Any) -> Logits:
        """The logits after the processor; the argument stays."""
        changed = logits.copy()
        self.checked.apply(changed, state)
        return changed


def check_processor_form(subject: ProcessorUnderTest) -> str:
    """The class has a name, a stage, and options that the command line can have."""
    kind = type(subject.processor)
    fault = PROCESSOR.fault(kind)
    require(not fault, f"the class must be one of {fault}", "set name and Options", kind)
    stage = subject.processor.stage
    require(isinstance(stage, Stage), "stage must be a seqgen.Stage", "set stage", stage)
    return f"{kind.name}: {stage.name}, {format_value(kind.Options())}"


def check_processor_logits(subject: ProcessorUnderTest) -> str:
    """Minus infinity stays, other logits become finite or minus infinity, and a token remains."""
    for logits, _, state in subject.walk():
        subject.apply(logits, state)  # which checks them
    return f"{STEPS} steps of {ROWS} rows"


def check_processor_state(subject: ProcessorUnderTest) -> str:
    """The state is never changed in place, and the logits depend on the arguments only."""
    processor = subject.processor
    rows = np.arange(ROWS)[::-1].copy()
    for logits, tokens, state in subject.walk():
        before = deepcopy(state)
        first, again = subject.apply(logits, state), subject.apply(logits, state)
        require(equal_states(before, state), "apply() changed its state", IN_PLACE)
        change = "keep nothing in the processor itself"
        require(np.array_equal(first, again), "the same call gives other logits", change)
        after = processor.advance(state, tokens)
        require(equal_states(before, state), "advance() changed its state", IN_PLACE)
        kept = deepcopy(after)
        processor.advance(processor.select(after, rows), tokens)
        require(equal_states(kept, after), "a selected state shares memory", IN_PLACE)
    return f"{STEPS} steps"


def check_processor_rows(subject: ProcessorUnderTest) -> str:
    """A row has the same logits alone and in any batch."""
    processor = subject.processor
    order = np.random.default_rng(2).permutation(ROWS)
    picked, alone = processor.select(processor.start(ROWS), order), processor.start(1)
    for logits, tokens, state in subject.walk():
        changed = subject.apply(logits, state)
        moved = subject.apply(logits[order], picked)
        selected = subject.apply(logits[order], processor.select(state, order))
        for other in (moved, selected):
            near = np.allclose(changed[order], other, atol=TOLERANCE)
            require(near, "the order of rows matters", BY_ROW)
        single = subject.apply(logits[:1], alone)
        near = np.allclose(changed[:1], single, atol=TOLERANCE)
        require(near, "a row depends on the other rows", BY_ROW, changed[0], single[0])
        picked = processor.advance(picked, tokens[order])
        alone = processor.advance(alone, tokens[:1])
    return f"{ROWS} rows, {STEPS} steps"
