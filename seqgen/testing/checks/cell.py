"""Checks of a recurrent cell: its weights and its step, in NumPy, in Keras and in a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SeqgenError
from seqgen.models.cells.cell import Cell
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape, forward_by_steps
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.registry.load_plugin import NAME, NAME_RULE
from seqgen.testing.failures import FIX_LINE, NotApplicable, format_value, report_errors, require
from seqgen.testing.random_model import random_weights

#: The sizes that cells are checked with.
STEPS, ROWS, UNITS, INPUTS = 5, 3, 4, 6
#: The largest difference between Keras and NumPy that rounding explains.
TOLERANCE = 1e-5
#: The largest difference between a float32 gradient and finite differences in float64.
GRADIENT_TOLERANCE, DISTANCE = 1e-3, 1e-5
AGREE = "make keras_step, keras_steps and numpy_step compute the same equations"
Arrays = tuple[NDArray[Any], ...]
Weights = dict[str, NDArray[Any]]


@final
class CellUnderTest:
    """A cell that is checked, with random weights and inputs.

    Args:
        cell: The cell.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    def run(self, check: Callable[[CellUnderTest], str]) -> str:
        """Run the function of a check.

        Returns:
            What was tested.

        Raises:
            CheckFailed: The law is broken, or the cell raised an error.
            NotApplicable: There is nothing to test.
        """
        with report_errors("the cell", FIX_LINE):
            return check(self)

    @cached_property
    def weights(self) -> Weights:
        """Random weights of a layer, float32."""
        rng, shapes = np.random.default_rng(1), self.cell.weight_shapes(INPUTS, UNITS)
        return {n: rng.normal(0.0, 0.5, s).astype(np.float32) for n, s in shapes.items()}

    @cached_property
    def projected(self) -> NDArray[np.float32]:
        """Random inputs' terms of the gates, ``(T, B, gates)``."""
        shape = (STEPS, ROWS, len(self.cell.gates) * UNITS)
        return np.random.default_rng(2).normal(0.0, 1.0, shape).astype(np.float32)

    @cached_property
    def state(self) -> Arrays:
        """A state that steps reach."""
        return self.numpy_steps(self.projected, self.weights)[-1]

    def numpy_steps(self, projected: NDArray[Any], weights: Weights) -> list[Arrays]:
        """The state after each step from the zero state."""
        zero = np.zeros((projected.shape[1], UNITS), projected.dtype)
        state: Arrays = (zero,) * len(self.cell.state)
        states = []
        for row in projected:
            state = self.cell.numpy_step(row, state, weights)
            states.append(state)
        return states

    def require_keras(self) -> Any:
        """Keras with its backend prepared.

        Raises:
            NotApplicable: No backend is installed.
        """
        from seqgen.training.backend import prepare_backend

        try:
            prepare_backend(0)
            import keras
        except (ImportError, SeqgenError) as error:
            raise NotApplicable(f"needs a backend of Keras: {error}") from error
        return keras


def check_cell_form(subject: CellUnderTest) -> str:
    """Name, gates, state, weight shapes and initial weights have their form."""
    cell = subject.cell
    valid = isinstance(cell.name, str) and NAME.match(cell.name) is not None
    require(valid, f"the name must be {NAME_RULE}", "rename the cell", cell.name)
    for what in ("gates", "state"):
        names = getattr(cell, what)
        valid = isinstance(names, tuple) and 0 < len(set(names)) == len(names)
        require(valid, f"{what} must be a tuple of different names", f"set {what}", names)
    shapes, wider = cell.weight_shapes(INPUTS, UNITS), cell.weight_shapes(INPUTS + 1, UNITS)
    width = len(cell.gates) * UNITS
    expected = f"kernel {(INPUTS, width)} and bias {(width,)}"
    found = shapes.get("kernel") == (INPUTS, width)
    found = found and shapes.get("bias") in ((width,), (2, width))
    change = "begin with super().weight_shapes(inputs, units), and add weights to that"
    require(found, f"weight_shapes({INPUTS}, {UNITS}) must have {expected}", change, shapes)
    same = {**wider, "kernel": shapes["kernel"]} == shapes
    require(same, "only the kernel may depend on the number of inputs", change, shapes, wider)
    for name in shapes:
        require(name.isidentifier(), "a weight's name must be an identifier", "rename it", name)
    first, again = (cell.initial_weights(shapes, np.random.default_rng(3)) for _ in range(2))
    for name, array in first.items():
        what = f"initial_weights() must return float32 arrays of their shapes, not {name!r}"
        fits = shapes.get(name) == np.shape(array) and np.asarray(array).dtype == np.float32
        require(fits, what, "cast with .astype(numpy.float32)", shapes, format_value(array))
        equal = np.array_equal(array, again[name]) and bool(np.isfinite(array).all())
        require(equal, f"{name!r} is not a function of rng", "draw from rng only", name)
    return f"weights {', '.join(shapes)}; state {', '.join(cell.state)}"


def check_cell_numpy_step(subject: CellUnderTest) -> str:
    """numpy_step() returns a new state of its form and changes no argument."""
    cell, parts = subject.cell, len(subject.cell.state)
    for kind in (np.float32, np.float64):
        projected = subject.projected[0].astype(kind)
        state = tuple(part.astype(kind) for part in subject.state)
        weights = {name: array.astype(kind) for name, array in subject.weights.items()}
        before = [array.copy() for array in (projected, *state, *weights.values())]
        after = cell.numpy_step(projected, state, weights)
        form = isinstance(after, tuple) and len(after) == parts
        what = f"numpy_step() must return a tuple of {parts}: {', '.join(cell.state)}"
        require(form, what, "return every part of the state, the output first", type(after))
        for name, part in zip(cell.state, after, strict=True):
            fits = part.shape == (ROWS, UNITS) and part.dtype == kind
            what = f"{name!r} must be {(ROWS, UNITS)} {np.dtype(kind)}, as projected is"
            require(fits, what, "use no array of a fixed type", part.shape, part.dtype)
            require(bool(np.isfinite(part).all()), f"{name!r} is not finite", FIX_LINE, part)
        for array, copy in zip((projected, *state, *weights.values()), before, strict=True):
            change = "compute new arrays; use no +=, no out= on arguments"
            require(np.array_equal(array, copy), "an argument was changed", change)
        again = cell.numpy_step(projected, state, weights)
        same = all(np.array_equal(one, two) for one, two in zip(after, again, strict=True))
        require(same, "the same step gives another state", "keep nothing in the cell itself")
    return "float32 and float64"


def check_cell_rows(subject: CellUnderTest) -> str:
    """A row of a batch does not depend on the other rows."""
    after = subject.cell.numpy_step(subject.projected[0], subject.state, subject.weights)
    for row in range(ROWS):
        own = tuple(part[row : row + 1] for part in subject.state)
        alone = subject.cell.numpy_step(subject.projected[0, row : row + 1], own, subject.weights)
        for part, single in zip(after, alone, strict=True):
            near = np.allclose(part[row : row + 1], single, rtol=0.0, atol=TOLERANCE)
            change = "compute along the last axis only"
            require(near, "a row depends on the other rows", change, part[row], single[0])
    return f"{ROWS} rows"


def check_cell_keras_step(subject: CellUnderTest) -> str:
    """One step in Keras is one step in NumPy."""
    ops, cell = subject.require_keras().ops, subject.cell
    tensors = {name: ops.convert_to_tensor(array) for name, array in subject.weights.items()}
    state = tuple(map(ops.convert_to_tensor, subject.state))
    found = cell.keras_step(ops.convert_to_tensor(subject.projected[0]), state, tensors)
    wanted = cell.numpy_step(subject.projected[0], subject.state, subject.weights)
    what = f"keras_step() must return {len(wanted)} parts, returned {len(found)}"
    require(len(found) == len(wanted), what, AGREE)
    worst = 0.0
    for name, part, other in zip(cell.state, found, wanted, strict=True):
        array = np.asarray(ops.convert_to_numpy(part))
        worst = max(worst, _difference(name, array, other))
    return f"largest difference {worst:.1e}"


def check_cell_keras_steps(subject: CellUnderTest) -> str:
    """All steps in Keras are the steps in NumPy, one after the other."""
    ops = subject.require_keras().ops
    tensors = {name: ops.convert_to_tensor(array) for name, array in subject.weights.items()}
    found = subject.cell.keras_steps(ops.convert_to_tensor(subject.projected), tensors)
    array = np.asarray(ops.convert_to_numpy(found))
    what = f"keras_steps() must return {(ROWS, STEPS, UNITS)}, returned {array.shape}"
    require(array.shape == (ROWS, STEPS, UNITS), what, "return rows first, then steps")
    states = subject.numpy_steps(subject.projected, subject.weights)
    wanted = np.stack([state[0] for state in states], axis=1)
    return f"{STEPS} steps, largest difference {_difference('keras_steps', array, wanted):.1e}"


def check_cell_gradient(subject: CellUnderTest) -> str:
    """The gradient of all steps in Keras is that of finite differences in NumPy."""
    from seqgen.testing.gradients import gradients

    keras, cell = subject.require_keras(), subject.cell
    # The kernel and the first bias act through the inputs' terms only.
    names = [n for n, s in subject.weights.items() if n != "kernel" and (n != "bias" or s.ndim > 1)]
    fixed = {name: subject.weights[name] for name in subject.weights if name not in names}
    arguments = [subject.projected, *(subject.weights[name] for name in names)]
    upstream = np.random.default_rng(4).normal(size=(ROWS, STEPS, UNITS)).astype(np.float32)

    def in_keras(projected: Any, *weights: Any) -> Any:
        others = {name: keras.ops.convert_to_tensor(array) for name, array in fixed.items()}
        return cell.keras_steps(projected, {**others, **dict(zip(names, weights, strict=True))})

    def in_numpy(*arrays: NDArray[np.float64]) -> float:
        wide = {name: array.astype(np.float64) for name, array in fixed.items()}
        states = subject.numpy_steps(
            arrays[0], {**wide, **dict(zip(names, arrays[1:], strict=True))}
        )
        return float((np.stack([state[0] for state in states], axis=1) * upstream).sum())

    wanted = finite_differences(in_numpy, [a.astype(np.float64) for a in arguments])
    modes = (False,) if keras.backend.backend() == "torch" else (False, True)
    worst = 0.0
    for compiled in modes:
        _, *found = gradients(in_keras, arguments, upstream, compiled)
        for name, one, other in zip(["projected", *names], found, wanted, strict=True):
            difference = float(np.abs(one - other).max())
            what = (
                f"the gradient of {name!r} differs by {difference:.1e} from finite differences"
                f"{', compiled by XLA' if compiled else ''}"
            )
            change = "use differentiable functions of keras.ops, or correct a gradient of your own"
            require(difference <= GRADIENT_TOLERANCE, what, change)
            worst = max(worst, difference)
    return f"{len(arguments)} arguments, largest difference {worst:.1e}"


def check_cell_model(subject: CellUnderTest) -> str:
    """In a model, complete sequences in Keras, steps in Keras and steps in NumPy are the same."""
    subject.require_keras()
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    cell, worst, rng = subject.cell, 0.0, np.random.default_rng(5)
    for layers, embedding, context in ((1, 0, ()), (2, 3, (2, 4))):
        config = ModelConfig(cell=cell.name, units=UNITS, layers=layers, embedding=embedding)
        shape = ModelShape(INPUTS, context)
        weights = random_weights(config, shape, seed=layers, cell=cell)
        tokens = rng.integers(0, INPUTS, (ROWS, STEPS))
        tokens[:, 0] = INPUTS
        columns = (
            np.stack([rng.integers(0, n, tokens.shape) for n in context], -1) if context else None
        )
        model = KerasRNN.from_weights(config, shape, weights, cell)
        whole = model.forward(tokens, columns)
        numpy_model = NumpyRNN(config, shape, weights, cell)
        stepped = forward_by_steps(model, tokens, columns)
        worst = max(
            worst,
            _difference("steps in Keras", stepped, whole),
            _difference("steps in NumPy", numpy_model.forward(tokens, columns), whole),
        )
    return f"2 models, largest difference {worst:.1e}"


def finite_differences(
    function: Callable[..., float], arguments: list[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Central differences of a function, for each element of each argument."""
    found = []
    for place, argument in enumerate(arguments):
        slope = np.empty_like(argument)
        for index in np.ndindex(argument.shape):
            sides = []
            for sign in (DISTANCE, -DISTANCE):
                moved = argument.copy()
                moved[index] += sign
                sides.append(function(*arguments[:place], moved, *arguments[place + 1 :]))
            slope[index] = (sides[0] - sides[1]) / (2 * DISTANCE)
        found.append(slope)
    return found


def _difference(what: str, found: NDArray[Any], wanted: NDArray[Any]) -> float:
    """The largest difference of two arrays.

    Raises:
        CheckFailed: It is larger than rounding explains.
    """
    difference = float(np.abs(found - wanted).max())
    message = f"{what!r} differs by {difference:.1e}, more than {TOLERANCE:g}"
    require(difference <= TOLERANCE, message, AGREE)
    return difference
