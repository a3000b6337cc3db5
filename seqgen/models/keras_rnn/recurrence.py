"""Recurrence: LSTM and GRU over whole sequences, with gradients written out by hand.

The inputs' share of the gates does not depend on the state, so it is computed for all steps at
once before the loop. What is left a step is one product with the recurrent kernel. Going back,
the loop gives only the gradients of the gates; the kernel's gradient is then one product over
all steps and rows, where differentiating a loop would add up a whole matrix at every step.

Equations: S. Hochreiter and J. Schmidhuber, Neural Computation 9 (1997), with forget gates (F. A.
Gers et al., 2000); K. Cho et al., arXiv 1406.1078 with the reset gate behind the product, as in
Keras (``reset_after``). Gate order is that of Keras. There are no masks: padding stands on the
right, where it changes nothing before it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqgen.models.keras_rnn.scan import fused, scan, unbound


def lstm(projected: Any, kernel: Any, hidden: Any, cell: Any) -> Any:
    """All hidden states of an LSTM; differentiable by every argument.

    Args:
        projected: Inputs times kernel plus bias, steps first, ``(T, B, 4 * U)``: input, forget,
            candidate, output.
        kernel: Recurrent kernel, ``(U, 4 * U)``.
        hidden: Before the first step, ``(B, U)``.
        cell: Likewise.

    Returns:
        Shape ``(B, T, U)``.
    """
    return ops.transpose(_lstm(projected, kernel, hidden, cell), (1, 0, 2))


def gru(projected: Any, kernel: Any, bias: Any, hidden: Any) -> Any:
    """All hidden states of a GRU; differentiable by every argument.

    Args:
        projected: Inputs times kernel plus input bias, steps first, ``(T, B, 3 * U)``: update,
            reset, candidate.
        kernel: Recurrent kernel, ``(U, 3 * U)``.
        bias: Recurrent bias, ``(3 * U,)``.
        hidden: Before the first step, ``(B, U)``.

    Returns:
        Shape ``(B, T, U)``.
    """
    return ops.transpose(_gru(projected, kernel, bias, hidden), (1, 0, 2))


def lstm_step(projected: Any, kernel: Any, hidden: Any, cell: Any) -> tuple[Any, Any]:
    """One step: ``(B, 4 * U)`` and the state to the next hidden state and cell, ``(B, U)``."""
    i, f, g, o = _lstm_gates(projected, kernel, hidden)
    cell = f * cell + i * g
    return o * ops.tanh(cell), cell


def gru_step(projected: Any, kernel: Any, bias: Any, hidden: Any) -> Any:
    """One step: ``(B, 3 * U)`` and the state to the next hidden state, ``(B, U)``."""
    z, _, _, n = _gru_gates(projected, ops.matmul(hidden, kernel), bias)
    return z * hidden + (1.0 - z) * n


def _lstm_gates(projected: Any, kernel: Any, hidden: Any) -> tuple[Any, Any, Any, Any]:
    return _activations(projected + ops.matmul(hidden, kernel))


def _activations(sums: Any) -> tuple[Any, Any, Any, Any]:
    """Input, forget, candidate and output gate from their sums, ``(B, 4 * U)``."""
    i, f, g, o = ops.split(sums, 4, axis=-1)
    return ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)


def _gru_gates(projected: Any, product: Any, bias: Any) -> tuple[Any, Any, Any, Any]:
    """Update, reset, the state's share of the candidate before the reset, and the candidate."""
    z_in, r_in, n_in = ops.split(projected, 3, axis=-1)
    z_own, r_own, n_own = ops.split(product + bias, 3, axis=-1)
    z, r = ops.sigmoid(z_in + z_own), ops.sigmoid(r_in + r_own)
    return z, r, n_own, ops.tanh(n_in + r * n_own)


def _lstm_forward(row: Any, product: Any, cell: Any) -> tuple[Any, ...]:
    """Hidden state, cell and all gates, from the two shares of the gates."""
    i, f, g, o = _activations(row + product)
    after = f * cell + i * g
    return o * ops.tanh(after), after, ops.concatenate((i, f, g, o), axis=-1)


def _lstm_backward(
    d_hidden: Any, d_out: Any, d_cell: Any, before: Any, after: Any, gate: Any
) -> tuple[Any, ...]:
    """Gradients of the gates before they are squashed, and of the cell before the step."""
    i, f, g, o = ops.split(gate, 4, axis=-1)
    squashed = ops.tanh(after)  # cheaper again than kept: a pass over memory less
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
def _lstm(projected: Any, kernel: Any, hidden: Any, cell: Any) -> Any:
    units = kernel.shape[0]
    ahead, behind = fused(_lstm_forward), fused(_lstm_backward)

    def forward(state: Any, row: Any) -> Any:
        out, after, gates = ahead(row[0], ops.matmul(state[0], kernel), state[1])
        return (out, after), (out, state[1], after, gates)

    widths = (units, units, units, 4 * units)
    _, (outs, *kept) = scan(forward, (hidden, cell), (projected,), widths, stacked=1)
    own = unbound(outs)

    def backward(*upstream: Any, **named: Any) -> Any:
        # By name on JAX and on PyTorch, where the arguments stand before it.
        given = named["upstream"] if named else upstream[0]
        across = ops.transpose(kernel)

        def back(carry: Any, row: Any) -> Any:
            d_gates, d_cell = behind(carry[0], row[0], carry[1], *row[1:])
            return (ops.matmul(d_gates, across), d_cell), (d_gates,)

        start = (ops.zeros_like(hidden), ops.zeros_like(cell))
        (d_hidden, d_cell), (d_gates,) = scan(
            back, start, (given, *kept), (4 * units,), reverse=True
        )
        return d_gates, _kernel_gradient(hidden, own, d_gates), d_hidden, d_cell

    return outs, backward


def _gru_forward(row: Any, product: Any, bias: Any, hidden: Any) -> tuple[Any, ...]:
    """Hidden state and all gates, from the two shares of the gates."""
    gates = _gru_gates(row, product, bias)
    z, _, _, n = gates
    return z * hidden + (1.0 - z) * n, ops.concatenate(gates, axis=-1)


def _gru_backward(carried: Any, d_out: Any, before: Any, gate: Any) -> tuple[Any, ...]:
    """Gradients of the inputs' share of the gates, of the state's, and of the state before."""
    z, r, own, n = ops.split(gate, 4, axis=-1)
    d_hidden = carried + d_out
    d_n = d_hidden * (1.0 - z) * (1.0 - n * n)
    d_z = d_hidden * (before - n) * z * (1.0 - z)
    d_r = d_n * own * r * (1.0 - r)
    d_gates = ops.concatenate([d_z, d_r, d_n], axis=-1)
    return d_gates, ops.concatenate([d_z, d_r, d_n * r], axis=-1), d_hidden * z


@keras.ops.custom_gradient  # type: ignore[untyped-decorator]
def _gru(projected: Any, kernel: Any, bias: Any, hidden: Any) -> Any:
    units = kernel.shape[0]
    ahead, behind = fused(_gru_forward), fused(_gru_backward)

    def forward(state: Any, row: Any) -> Any:
        out, gates = ahead(row[0], ops.matmul(state[0], kernel), bias, state[0])
        return (out,), (out, state[0], gates)

    widths = (units, units, 4 * units)
    _, (outs, *kept) = scan(forward, (hidden,), (projected,), widths, stacked=1)
    own = unbound(outs)

    def backward(*upstream: Any, **named: Any) -> Any:
        # By name on JAX and on PyTorch, where the arguments stand before it.
        given = named["upstream"] if named else upstream[0]
        across = ops.transpose(kernel)

        def back(carry: Any, row: Any) -> Any:
            d_gates, d_inner, d_before = behind(carry[0], *row)
            return (d_before + ops.matmul(d_inner, across),), (d_gates, d_inner)

        start, widths = (ops.zeros_like(hidden),), (3 * units, 3 * units)
        (d_hidden,), (d_gates, d_inner) = scan(back, start, (given, *kept), widths, reverse=True)
        d_bias = ops.sum(d_inner, axis=(0, 1))
        return d_gates, _kernel_gradient(hidden, own, d_inner), d_bias, d_hidden

    return outs, backward


def _kernel_gradient(hidden: Any, outs: Any, d_gates: Any) -> Any:
    """One product over all steps and rows: the states before each step with its gate gradients."""
    before = ops.concatenate([hidden[None], outs[:-1]], axis=0)
    units, width = before.shape[-1], d_gates.shape[-1]
    flat = ops.reshape(before, (-1, units))
    return ops.matmul(ops.transpose(flat), ops.reshape(d_gates, (-1, width)))
