"""Which installed domain reads a file or folder."""

from __future__ import annotations

from pathlib import Path

from seqgen.domains.examination import examine_all
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
    # Asked of each in a process of its own: a broken plugin breaks its own commands, not this one.
    fitting = [
        examination.plugin.name
        for examination in examine_all(installed_plugins())
        if not examination.broken and suffixes.intersection(examination.suffixes)
    ]
    if len(fitting) != 1:
        names = ", ".join(fitting) or "no installed domain"
        raise SeqgenError(f"{path} could be read by {names}; say which with --domain")
    return load_domain(fitting[0])
