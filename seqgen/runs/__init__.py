"""A run: data, training, evaluation and files, from a domain to a finished run folder."""
