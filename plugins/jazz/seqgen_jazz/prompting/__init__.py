"""From the options of a generation to a chart, a condition and fixed phrases."""
