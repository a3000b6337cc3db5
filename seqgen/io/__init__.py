"""Read user data, write files atomically, run programs; the files of a run."""
