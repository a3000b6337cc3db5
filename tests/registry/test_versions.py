"""A plugin that is written for another version of the plugin API is refused."""

from __future__ import annotations

import pytest

import seqgen
from seqgen.registry import load_plugin
from seqgen.registry.installed_plugins import load_domain

from ..conftest import Install
from ..helpers.plugin_code import GOOD, WHO, refusal


def test_the_default_version_is_the_first_one(install: Install) -> None:
    install(GOOD.format(name="birds"))
    assert load_domain("birds").domain.api == 1 <= seqgen.API_VERSION


@pytest.mark.parametrize(
    ("supported", "api", "newer"), [(1, 2, "seqgen"), (2, 1, "version of the plugin")]
)
def test_another_version_is_refused(
    install: Install, monkeypatch: pytest.MonkeyPatch, supported: int, api: int, newer: str
) -> None:
    monkeypatch.setattr(load_plugin, "API_VERSION", supported)
    install(GOOD.format(name="birds").replace("summary=", f"api={api}, summary="))
    assert refusal("birds") == (
        f"{WHO} is written for plugin API {api}, and this seqgen supports {supported}; "
        f"install a newer {newer}"
    )
