"""The exceptions for errors that a user can cause."""


class SeqgenError(Exception):
    """An error that a user can cause: the message says what is wrong, where, and what to do.

    The command line prints only the message and exits with 1. Every other exception is a bug and
    keeps its traceback. The message contains the value and the bound: ``temperature must be > 0,
    was -1``.
    """


class UnknownSymbol(SeqgenError):
    """A prompt or an item contains a symbol that is not in the vocabulary."""


class PluginError(SeqgenError):
    """A plugin cannot be found, loaded or used."""


class ModelFileError(SeqgenError):
    """A model file is damaged, has another format version or does not fit its manifest."""


class SettingError(SeqgenError):
    """A setting is unknown, has the wrong type or is out of its range.

    The command line names the flags of the settings in the message; it finds them in the
    attributes, not in the message.

    Args:
        message: What is wrong. It uses the names of the settings as they are in Python.
        settings: The names of the settings that the error is about, the first one first.
        value: The value that was refused.
        bound: What the value must be (">= 1", "one of lstm, gru").
    """

    def __init__(
        self, message: str, *settings: str, value: object = None, bound: str | None = None
    ) -> None:
        super().__init__(message)
        self.settings = settings
        self.value = value
        self.bound = bound


class DataError(SeqgenError):
    """A corpus or one of its files cannot be used."""
