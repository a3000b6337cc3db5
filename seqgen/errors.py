"""The one family of errors that a user can cause. Imports nothing."""


class SeqgenError(Exception):
    """Something the user gave cannot be used; the message says what, where and what to do.

    The command line prints the message alone and exits with 1. Every other exception is a
    bug and keeps its traceback. The value that was refused and the bound it broke belong in
    the message: ``temperature must be > 0, was -1``.
    """


class UnknownSymbol(SeqgenError):
    """A prompt or an item holds a symbol that the vocabulary does not know."""


class PluginError(SeqgenError):
    """A plugin cannot be found or loaded, or it gave what is no ``Domain`` or cannot be used."""


class ModelFileError(SeqgenError):
    """A model file is damaged, of another format version, or does not fit its own manifest."""


class SettingError(SeqgenError):
    """A setting is unknown, of the wrong type or out of its range."""


class DataError(SeqgenError):
    """A corpus or one of its files cannot be used."""
