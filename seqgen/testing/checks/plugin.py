"""Checks of what a plugin registers: its import, the fields of its Domain, options and presets."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from seqgen.domains.domain import NoOptions
from seqgen.errors import SeqgenError
from seqgen.runs.run_config import RunConfig
from seqgen.testing.determinism_probes import run_probes
from seqgen.testing.domain_under_test import DomainUnderTest, values_out_of_bounds
from seqgen.testing.failures import CheckFailed, NotApplicable, require

#: Libraries that no plugin needs before it reads, generates or writes an item.
HEAVY_LIBRARIES = {
    *("tensorflow", "keras", "torch", "jax", "music21"),
    *("matplotlib", "scipy", "pandas", "sklearn", "rdkit"),
}


def check_domain_fields(domain: DomainUnderTest) -> str:
    """The plugin loads, and every field of its Domain has the right type."""
    try:
        loaded = domain.load().domain
    except SeqgenError as error:
        raise CheckFailed(str(error), "see docs/reference/hook.md, Domain") from error
    change = "describe in one line what the domain generates"
    require(bool(loaded.summary.strip()), "Domain.summary must be one line, was empty", change)
    return f"{loaded.name}: {loaded.summary}"


def check_import_weight(domain: DomainUnderTest) -> str:
    """Importing loads no tensorflow, keras, torch, jax, music21, matplotlib or similar library."""
    modules = set(run_probes(domain)[0].value(domain, "modules"))
    found = sorted(modules & HEAVY_LIBRARIES)
    change = "import it inside the functions that need it"
    require(not found, f"importing the plugin loads {', '.join(found)}", change)
    return f"{len(modules)} modules"


def check_options(domain: DomainUnderTest) -> str:
    """Options have help texts and refuse values out of bounds."""
    it = domain.domain
    every = (it.data_options, it.encoding_options, it.generation_options)
    classes = [kind for kind in every if kind is not NoOptions]
    if not classes:
        raise NotApplicable("the domain has no options")
    for kind in classes:
        for item in fields(kind):
            what = f"{kind.__name__}.{item.name} has no help text"
            change = f'write {item.name}: ... = seqgen.setting(DEFAULT, "Help.")'
            require(bool(item.metadata.get("help")), what, change)
        with domain.skip_if_fails("domain_fields"):
            _check_bounds(kind)
    return f"{sum(len(fields(kind)) for kind in classes)} options"


def _check_bounds(kind: type[Any]) -> None:
    for name, value in values_out_of_bounds(kind):
        try:
            replace(kind(), **{name: value})
        except SeqgenError:
            continue
        raise CheckFailed(
            f"{kind.__name__} accepts {name} = {value!r}, which is out of its bounds",
            "call seqgen.check_settings(self) in __post_init__",
        )


def check_presets(domain: DomainUnderTest) -> str:
    """Presets name existing settings and have valid values."""
    presets = domain.domain.presets
    if not presets:
        raise NotApplicable("the domain has no presets")
    try:
        RunConfig.build(domain.domain, {})
    except SeqgenError as error:
        raise CheckFailed(str(error), "use the names of flags of `seqgen train`") from error
    return ", ".join(presets)
