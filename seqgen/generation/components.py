"""The samplers and logits processors that a configuration names, and the options of plugins'.

Nothing is imported until a component is used, so that ``--help`` stays quick.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from seqgen.errors import PluginError, SettingError
from seqgen.registry.components import (
    Component,
    Kind,
    builtin_components,
    component_names,
    find_component,
)
from seqgen.registry.installed_plugins import installed_plugins
from seqgen.settings import flag_type, options_from, setting, setting_names, type_hints

#: Imported by name, as plugins are: it imports NumPy.
_BUILTIN = "seqgen.generation.builtin_components"


def _sampler_fault(value: Any) -> str:
    from seqgen.generation.sampler import ItemSampler, Sampler

    return _fault(value, "seqgen.Sampler", Sampler, ItemSampler)


def _processor_fault(value: Any) -> str:
    from seqgen.generation.logits_processor import LogitsProcessor

    return _fault(value, "seqgen.LogitsProcessor", LogitsProcessor)


def _fault(value: Any, expected: str, *classes: type[Any]) -> str:
    """What is expected of a class of components; empty if this is one."""
    if not isinstance(value, type) or not issubclass(value, classes) or not hasattr(value, "name"):
        return f"subclasses of {expected} with a name"
    options = value.Options  # type: ignore[attr-defined]
    if not is_dataclass(options) or not all(map(flag_type, type_hints(options).values())):
        return f"subclasses of {expected} whose Options is a dataclass of bool, int, float and str"
    return ""


SAMPLER = Kind(
    "sampler",
    "seqgen_samplers",
    "seqgen.samplers",
    lambda: import_module(_BUILTIN),
    _sampler_fault,
)
PROCESSOR = Kind(
    "logits processor",
    "seqgen_logits_processors",
    "seqgen.logits_processors",
    lambda: import_module(_BUILTIN),
    _processor_fault,
)


def sampler_names() -> list[str]:
    """The names of the built-in and the installed samplers."""
    return component_names(SAMPLER)


@dataclass(frozen=True, kw_only=True)
class SamplerOptions:
    """Which components are used: the first settings of ``SamplingConfig``."""

    sampler: str = setting(
        "sample",
        "sample: random; greedy: argmax; beam: highest-scoring items; stochastic-beam: random "
        "items without replacement.",
        choices=sampler_names,
    )
    processors: str = setting(
        "",
        "Logits processors of plugins, by name, separated by spaces; they are applied in addition "
        "to those of the other settings.",
        omit_default=True,
    )
    #: The components of plugins by name, each with "distribution", "version" and "options";
    #: ``collect_options`` makes it.
    components: dict[str, Any] = field(
        default_factory=dict, hash=False, metadata={"flag": False, "omit_default": True}
    )


def find_sampler(config: SamplerOptions) -> Component:
    """The sampler of a configuration.

    Raises:
        SettingError: There is none of this name.
        PluginError: Its plugin is not installed, or cannot be imported.
    """
    return _find(SAMPLER, "sampler", config.sampler, config)


def find_processors(config: SamplerOptions) -> list[Component]:
    """The processors of plugins that a configuration names.

    Raises:
        SettingError: There is none of this name, or it is a built-in one.
        PluginError: A plugin is not installed, or cannot be imported.
    """
    names = config.processors.split()
    for name in names:
        if name in builtin_components(PROCESSOR):
            raise SettingError(
                f"processors: {name!r} is built in: set its options and omit it", "processors"
            )
        if names.count(name) > 1:
            raise SettingError(f"processors: {name!r} occurs twice", "processors")
    return [_find(PROCESSOR, "processors", name, config) for name in names]


def _find(kind: Kind, setting: str, name: str, config: SamplerOptions) -> Component:
    known = component_names(kind)
    if name in known:
        return find_component(kind, name)
    if name in config.components:
        origin = config.components[name]
        distribution = origin["distribution"]
        raise PluginError(
            f"the {kind.noun} {name!r} is of {distribution} {origin['version']}, which is not "
            f"installed; install it with: pip install {distribution}"
        )
    expected = f"one of {', '.join(known)}" if kind is SAMPLER else "installed logits processors"
    if kind is PROCESSOR:
        installed = [each for each in known if each not in builtin_components(kind)]
        expected += f" ({', '.join(installed) or 'there are none'})"
    raise SettingError(f"{setting} must be {expected}, was {name!r}", setting)


def plugin_components(config: SamplerOptions) -> list[Component]:
    """The sampler and the processors of plugins that a configuration names."""
    return [
        component
        for component in [find_sampler(config), *find_processors(config)]
        if component.distribution != "seqgen"
    ]


def component_options(component: Component, config: SamplerOptions) -> Mapping[str, Any]:
    """The options of a component of a plugin by name; the others have their defaults."""
    options: Mapping[str, Any] = config.components.get(component.value.name, {}).get("options", {})
    return options


def component_changes(config: SamplerOptions) -> list[str]:
    """The versions of components that differ from those that are installed, for messages."""
    found = []
    for component in plugin_components(config):
        then = config.components.get(component.value.name)
        if then is not None:
            before = f"{then['distribution']} {then['version']}"
            now = f"{component.distribution} {component.version}"
            if before != now:
                found.append(f"{before} then, {now} now")
    return found


def collect_options(
    values: Mapping[str, Any], saved: SamplerOptions, taken: Collection[str]
) -> dict[str, Any]:
    """Settings with the options of plugins' components as one entry, ``components``.

    Args:
        values: Settings by name; None for one that is not set.
        saved: The components if ``values`` does not name them, and their saved options.
        taken: Names of other settings.

    Returns:
        The settings without the options of components.

    Raises:
        SettingError: A component is unknown, or an option is out of its range.
        PluginError: A plugin cannot be imported, or two options have the same name.
    """
    result = {name: value for name, value in values.items() if value is not None}
    names = {name: result.get(name, getattr(saved, name)) for name in ("sampler", "processors")}
    added = result.pop("components", {})
    check_names(names, added)
    recorded = {**saved.components, **added}
    config = SamplerOptions(**names, components=recorded)
    owners = dict.fromkeys(taken, "seqgen or of the domain")
    components: dict[str, Any] = {}
    for component in plugin_components(config):
        name, options = component.value.name, dict(component_options(component, config))
        for option in setting_names(component.value.Options):
            if option in owners:
                raise PluginError(
                    f"the option {option!r} of {name!r} ({component.distribution}) is also one of "
                    f"{owners[option]}; rename the field"
                )
            owners[option] = repr(name)
            if option in result:
                options[option] = result.pop(option)
        if name in components:
            raise PluginError(f"{name!r} is both a sampler and a logits processor; rename one")
        components[name] = {
            "distribution": component.distribution,
            "version": component.version,
            "options": _to_json(options_from(component.value.Options, options)),
        }
    if components or saved.components:
        result["components"] = components
    return result


def check_names(names: Mapping[str, Any], components: Any) -> None:
    """Check the types of the settings, which may come from any file.

    Args:
        names: Values of ``sampler`` and ``processors``.
        components: Value of ``components``.

    Raises:
        SettingError: One has the wrong type.
    """
    for name, value in names.items():
        if not isinstance(value, str):
            raise SettingError(f"{name} must be str, was {value!r}", name)
    if not isinstance(components, dict):
        raise SettingError(f"components must be dict, was {components!r}", "components")
    shape = {"distribution": str, "version": str, "options": dict}
    for name, origin in components.items():
        values = origin if isinstance(origin, dict) else {}
        types = {key: type(value) for key, value in values.items()}
        if types != shape or not f"{name}{origin['distribution']}{origin['version']}".isprintable():
            raise SettingError(
                f"components: {name!r} must have the keys {', '.join(shape)}, was {origin!r}",
                "components",
            )


def _to_json(options: Any) -> dict[str, Any]:
    """The values of options; paths become text."""
    values = {item.name: getattr(options, item.name) for item in fields(options)}
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in values.items()
    }


def option_classes(values: Mapping[str, Any]) -> dict[str, type[Any]]:
    """The options of the components of plugins that settings name, by the heading of their flags.

    A component that is not installed has none.

    Raises:
        PluginError: A plugin cannot be imported.
    """
    names = {
        SAMPLER: [str(values.get("sampler"))],
        PROCESSOR: str(values.get("processors") or "").split(),
    }
    return {
        _heading(kind, name): find_component(kind, name).value.Options
        for kind in names
        for name in names[kind]
        if name in installed_plugins(group=kind.group) and name not in builtin_components(kind)
    }


def all_option_classes() -> Iterator[tuple[str, type[Any]]]:
    """The options of all installed components whose plugins can be imported, by the flag that
    names the component."""
    for kind, flag in ((SAMPLER, "--sampler"), (PROCESSOR, "--processors")):
        for name in installed_plugins(group=kind.group):
            with suppress(PluginError):
                yield f"{flag} {name}", find_component(kind, name).value.Options


def _heading(kind: Kind, name: str) -> str:
    return f"{kind.noun.capitalize()} {name}"
