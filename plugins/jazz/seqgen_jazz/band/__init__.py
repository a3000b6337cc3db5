"""The band: comping, walking bass and drums over a chart, from patterns that a person can edit."""
