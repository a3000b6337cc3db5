"""The generating ShareWeightRNN, without Keras: one step of each layer in a few NumPy calls."""
