"""Plugins: hook specifications, discovery, loading, validation, isolation."""
