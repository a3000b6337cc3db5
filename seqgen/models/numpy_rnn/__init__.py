"""The stepping ShareWeightRNN: the same weights on NumPy alone."""
