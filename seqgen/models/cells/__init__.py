"""Cells: what a recurrent layer computes, its recurrence in Keras and its step in NumPy."""
