"""The band: comping, walking bass and drums over a chart, from patterns in editable text files."""
