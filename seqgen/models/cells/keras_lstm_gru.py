"""LSTM and GRU over complete sequences, with gradients written by hand, for training.

The equations are in ``builtin_cells``. The inputs' terms of the gates do not depend on the state,
so they are computed for all steps before the loop, which leaves one product with the recurrent
kernel per step. Backwards, the loop computes only the gradients of the gates; the gradient of the
kernel is then one product over all steps and rows, where automatic differentiation of the loop
would add up a complete matrix at every step.

There are no masks: padding is on the right, where it changes nothing before it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqgen.models.cells.keras_scan import detach, fuse, scan


def lstm(projected: Any, kernel: Any) -> Any:
    """All hidden states of an LSTM that starts at zero; differentiable by each argument.

    Args:
        projected: The inputs' terms of the gates, bias included, steps first, ``(T, B, 4 * U)``.
        kernel: The recurrent kernel, ``(U, 4 * U)``.

    Returns:
        Shape ``(B, T, U)``.
    """
    return ops.transpose(_lstm(projected, kernel), (1, 0, 2))


def gru(projected: Any, kernel: Any, bias: Any) -> Any:
    """The same of a GRU: 3 gates, and a recurrent bias ``(3 * U,)``."""
    return ops.transpose(_gru(projected, kernel, bias), (1, 0, 2))


def lstm_step(projected: Any, state: tuple[Any, ...], kernel: Any) -> tuple[Any, ...]:
    """Hidden and cell state after one step; arguments as in ``lstm``, without the first axis."""
    return _lstm_forward(projected, ops.matmul(state[0], kernel), state[1])[:2]


def gru_step(projected: Any, state: tuple[Any, ...], kernel: Any, bias: Any) -> tuple[Any, ...]:
    """The hidden state after one step; arguments as in ``gru``, without the first axis."""
    return _gru_forward(projected, ops.matmul(state[0], kernel), bias, state[0])[:1]


def _lstm_forward(row: Any, product: Any, cell: Any) -> tuple[Any, ...]:
    """Hidden state, cell state and all gates, from the two terms of the gates."""
    i, f, g, o = ops.split(row + product, 4, axis=-1)
    i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
    after = f * cell + i * g
    return o * ops.tanh(after), after, ops.concatenate((i, f, g, o), axis=-1)


def _lstm_backward(
    d_hidden: Any, d_out: Any, d_cell: Any, before: Any, after: Any, gate: Any
) -> tuple[Any, ...]:
    """Gradients of the gates before their activation, and of the cell state before the step."""
    i, f, g, o = ops.split(gate, 4, axis=-1)
    squashed = ops.tanh(after)  # recomputing is faster than another pass over memory
    d_hidden = d_hidden + d_out
    d_cell = d_cell + d_hidden * o * (1.0 - squashed * squashed)
    parts = (
        d_cell * g * i * (1.0 - i),
        d_cell * before * f * (1.0 - f),
        d_cell * i * (1.0 - g * g),
        d_hidden * squashed * o * (1.0 - o),
    )
    return ops.concatenate(parts, axis=-1), d_cell * f


@keras.ops.custom_gradient  # type: ignore[untyped-decorator]
def _lstm(projected: Any, kernel: Any) -> Any:
    units = kernel.shape[0]
    step, step_back = fuse(_lstm_forward), fuse(_lstm_backward)
    zero = ops.zeros((ops.shape(projected)[1], units))

    def forward(state: Any, row: Any) -> Any:
        out, after, gates = step(row[0], ops.matmul(state[0], kernel), state[1])
        return (out, after), (out, state[1], after, gates)

    widths = (units, units, units, 4 * units)
    _, (outs, *saved) = scan(forward, (zero, zero), (projected,), widths, stacked=1)
    hidden = detach(outs)

    def backward(*upstream: Any, **named: Any) -> Any:
        # JAX and PyTorch pass it by name, after the arguments.
        d_outs = named["upstream"] if named else upstream[0]
        transposed = ops.transpose(kernel)

        def back(carry: Any, row: Any) -> Any:
            d_gates, d_cell = step_back(carry[0], row[0], carry[1], *row[1:])
            return (ops.matmul(d_gates, transposed), d_cell), (d_gates,)

        start = (ops.zeros_like(zero), ops.zeros_like(zero))
        _, (d_gates,) = scan(back, start, (d_outs, *saved), (4 * units,), reverse=True)
        return d_gates, _kernel_gradient(hidden, d_gates)

    return outs, backward


def _gru_forward(row: Any, product: Any, bias: Any, hidden: Any) -> tuple[Any, ...]:
    """Hidden state and all gates, from the two terms of the gates."""
    z_in, r_in, g_in = ops.split(row, 3, axis=-1)
    z_own, r_own, g_own = ops.split(product + bias, 3, axis=-1)
    z, r = ops.sigmoid(z_in + z_own), ops.sigmoid(r_in + r_own)
    g = ops.tanh(g_in + r * g_own)
    return z * hidden + (1.0 - z) * g, ops.concatenate((z, r, g_own, g), axis=-1)


def _gru_backward(carried: Any, d_out: Any, before: Any, gate: Any) -> tuple[Any, ...]:
    """Gradients of the inputs' terms of the gates, of the states' terms, and of the state."""
    z, r, g_own, g = ops.split(gate, 4, axis=-1)
    d_hidden = carried + d_out
    d_g = d_hidden * (1.0 - z) * (1.0 - g * g)
    d_z = d_hidden * (before - g) * z * (1.0 - z)
    d_r = d_g * g_own * r * (1.0 - r)
    d_gates = ops.concatenate([d_z, d_r, d_g], axis=-1)
    return d_gates, ops.concatenate([d_z, d_r, d_g * r], axis=-1), d_hidden * z


@keras.ops.custom_gradient  # type: ignore[untyped-decorator]
def _gru(projected: Any, kernel: Any, bias: Any) -> Any:
    units = kernel.shape[0]
    step, step_back = fuse(_gru_forward), fuse(_gru_backward)
    zero = ops.zeros((ops.shape(projected)[1], units))

    def forward(state: Any, row: Any) -> Any:
        out, gates = step(row[0], ops.matmul(state[0], kernel), bias, state[0])
        return (out,), (out, state[0], gates)

    widths = (units, units, 4 * units)
    _, (outs, *saved) = scan(forward, (zero,), (projected,), widths, stacked=1)
    hidden = detach(outs)

    def backward(*upstream: Any, **named: Any) -> Any:
        # JAX and PyTorch pass it by name, after the arguments.
        d_outs = named["upstream"] if named else upstream[0]
        transposed = ops.transpose(kernel)

        def back(carry: Any, row: Any) -> Any:
            d_gates, d_own, d_before = step_back(carry[0], *row)
            return (d_before + ops.matmul(d_own, transposed),), (d_gates, d_own)

        start, widths = (ops.zeros_like(zero),), (3 * units, 3 * units)
        _, (d_gates, d_own) = scan(back, start, (d_outs, *saved), widths, reverse=True)
        return d_gates, _kernel_gradient(hidden, d_own), ops.sum(d_own, axis=(0, 1))

    return outs, backward


def _kernel_gradient(hidden: Any, d_gates: Any) -> Any:
    """One product over all steps and rows: the states before each step with its gate gradients."""
    before = ops.concatenate([ops.zeros_like(hidden[:1]), hidden[:-1]], axis=0)
    units, width = before.shape[-1], d_gates.shape[-1]
    flat = ops.reshape(before, (-1, units))
    return ops.matmul(ops.transpose(flat), ops.reshape(d_gates, (-1, width)))
