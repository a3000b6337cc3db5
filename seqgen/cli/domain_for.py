"""Which installed domain reads a file or folder."""

from __future__ import annotations

from pathlib import Path

from seqgen.domains.registry import LoadedDomain, installed_plugins, load_domain
from seqgen.errors import SeqgenError


def domain_for(path: Path) -> LoadedDomain:
    """The one installed domain that reads files of this kind.

    Raises:
        SeqgenError: None does, several do, or there is no such path.
    """
    if not path.exists():
        raise SeqgenError(f"no data at {path}; give an existing file or folder")
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    suffixes = {file.suffix.lower() for file in files}
    fitting = []
    for name in installed_plugins():
        try:
            loaded = load_domain(name)
        except SeqgenError:
            continue  # a broken plugin breaks its own commands, not this one
        if suffixes.intersection(loaded.domain.suffixes):
            fitting.append(loaded)
    if len(fitting) != 1:
        names = ", ".join(loaded.domain.name for loaded in fitting) or "no installed domain"
        raise SeqgenError(f"{path} could be read by {names}; say which with --domain")
    return fitting[0]
