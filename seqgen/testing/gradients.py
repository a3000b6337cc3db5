"""Gradients of functions and of networks on the active Keras backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def gradients(
    function: Callable[..., Any], arguments: Sequence[Any], upstream: Any, compiled: bool = False
) -> list[NDArray[Any]]:
    """The output of a function and, of its sum weighted by ``upstream``, each argument's gradient.

    The gradient of an argument that the output does not depend on is zero.

    Args:
        function: Tensors to one tensor.
        arguments: Arrays.
        upstream: An array of the output's shape.
        compiled: Whether XLA compiles all of it.
    """
    import keras

    given = [keras.ops.convert_to_tensor(array) for array in arguments]
    match keras.backend.backend():
        case "tensorflow":
            run = _on_tensorflow(function, given, upstream, compiled)
        case "jax":
            run = _on_jax(function, given, upstream, compiled)
        case "torch":
            run = _on_torch(function, given, upstream)
        case other:
            raise AssertionError(f"no gradients are taken on {other}: training refuses it")
    return [np.asarray(part) for part in run()]


def _on_tensorflow(
    function: Callable[..., Any], given: Sequence[Any], upstream: Any, compiled: bool
) -> Callable[[], list[Any]]:
    import tensorflow as tf

    @tf.function(jit_compile=compiled, autograph=False)  # type: ignore[untyped-decorator]
    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            output = function(*given)
            total = tf.reduce_sum(output * upstream)
        zero = tf.UnconnectedGradients.ZERO
        found = tape.gradient(total, given, unconnected_gradients=zero)
        return [output, *map(tf.convert_to_tensor, found)]

    return run  # type: ignore[no-any-return]


def _on_jax(
    function: Callable[..., Any], given: Sequence[Any], upstream: Any, compiled: bool
) -> Callable[[], list[Any]]:
    import jax

    def run() -> list[Any]:
        output, back = jax.vjp(function, *given)
        return [output, *back(jax.numpy.asarray(upstream))]

    return jax.jit(run) if compiled else run


def _on_torch(
    function: Callable[..., Any], given: Sequence[Any], upstream: Any
) -> Callable[[], list[Any]]:
    import torch

    def run() -> list[Any]:
        leaves = [array.detach().clone().requires_grad_() for array in given]
        output = function(*leaves)
        total = (output * torch.as_tensor(upstream)).sum()
        return [output.detach(), *torch.autograd.grad(total, leaves, materialize_grads=True)]

    return run


def weight_gradients(
    network: Any, inputs: Sequence[Any], loss: Callable[[Any], Any]
) -> list[NDArray[Any]]:
    """The gradient of every weight of a Keras model in training, of a loss of its outputs."""
    import keras

    others = [variable.value for variable in network.non_trainable_variables]

    def function(*weights: Any) -> Any:
        output, _ = network.stateless_call(weights, others, list(inputs), training=True)
        return loss(output)

    weights = [variable.value for variable in network.trainable_variables]
    one = np.ones((), np.float32)
    return gradients(function, [keras.ops.convert_to_numpy(w) for w in weights], one)[1:]
