"""The version of the plugin API, and which older ones are still served."""

from __future__ import annotations

#: What this seqgen speaks. Rises by one when a plugin that kept to the public names would break.
API_VERSION = 1

#: The oldest version that is still served. Between the two a plugin loads, with a deprecation.
OLDEST_API = 1


def spoken() -> str:
    """The versions that this seqgen serves, for messages: ``1`` or ``1 to 3``."""
    return str(API_VERSION) if OLDEST_API == API_VERSION else f"{OLDEST_API} to {API_VERSION}"
