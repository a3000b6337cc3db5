"""The training corpus: the embedded solos, folders of music files, the cache."""
