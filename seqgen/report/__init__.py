"""The report: one HTML page of what was measured, made of text alone."""
