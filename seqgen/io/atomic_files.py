"""Atomic writing of files, and a lock between processes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path

from seqgen.errors import SeqgenError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path, which replaces ``path`` if the block succeeds.

    Raises:
        SeqgenError: The folder is not writable, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
    except OSError as error:
        raise SeqgenError(
            f"cannot write {path}: {error.strerror}; choose another folder"
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        _set_default_mode(temporary)
        _flush(temporary)
        temporary.replace(path)
        if sys.platform != "win32":
            _flush(path.parent)  # the new name itself, so that it survives a power cut
    except OSError as error:
        what = "make room" if error.errno == ENOSPC else "choose another folder"
        raise SeqgenError(
            f"cannot write {path}: {error.strerror or error}; {what}. An earlier file is unchanged"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    # Windows flushes only files that are open for writing.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _set_default_mode(path: Path) -> None:
    # mkstemp creates files that only their owner can read.
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file atomically: to a temporary name, flushed to disk, then renamed."""
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file, which keeps other processes out until this block or this process ends.

    Args:
        path: The lock file. It is created and stays, empty.
        what: What is locked, for the message.

    Raises:
        SeqgenError: Another process holds the lock, or the file cannot be locked.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(path, blocking=False).acquire()
    except Timeout:
        raise SeqgenError(
            f"another process works in {what}; wait for it, stop it, or name another folder with "
            "--out"
        ) from None
    except OSError as error:
        raise SeqgenError(
            f"cannot lock {path}: {error.strerror or error}; name another folder with --out"
        ) from None
    with lock:
        yield
