"""Training within a number of minutes."""
