"""Which installed domain reads a file or folder."""

from __future__ import annotations

from pathlib import Path

from seqgen.errors import SeqgenError
from seqgen.registry.isolation import examine_all
from seqgen.registry.registry import LoadedDomain, installed_plugins, load_domain
from seqgen.runs.run_folder import check_no_samples


def domain_for(path: Path) -> LoadedDomain:
    """The one installed domain that reads files of this kind.

    Raises:
        SeqgenError: None does, several do, or there is no such path.
    """
    if not path.exists():
        raise SeqgenError(f"no data at {path}; give an existing file or folder")
    check_no_samples(path)
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    if not files:
        raise SeqgenError(f"{path} holds no files; give a folder with data in it")
    suffixes = {file.suffix.lower() for file in files}
    # Asked of each in a process of its own: a broken plugin breaks its own commands, not this one.
    sound = [found for found in examine_all(installed_plugins()) if not found.broken]
    fitting = [found.plugin.name for found in sound if not suffixes.isdisjoint(found.suffixes)]
    if len(fitting) == 1:
        return load_domain(fitting[0])
    if fitting:
        raise SeqgenError(f"{path} could be read by {', '.join(fitting)}; say which with --domain")
    kinds = "; ".join(
        f"{found.plugin.name}: {' '.join(found.suffixes)}" for found in sound if found.suffixes
    )
    raise SeqgenError(
        f"{path} could be read by no installed domain; say which with --domain, or give a file of "
        f"their kinds ({kinds})"
    )
