"""Files written whole or not at all, and a lock that one process holds."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqgen.errors import SeqgenError

#: What systems say of a lock that another process holds; all else is no such process.
TAKEN = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it takes the place of ``path``.

    Raises:
        SeqgenError: If the folder cannot be written to or the disk is full.
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
        _give_usual_mode(temporary)
        _flush(temporary)
        temporary.replace(path)
        if sys.platform != "win32":
            _flush(path.parent)  # the new name itself, so that a power cut cannot undo it
    except OSError as error:
        what = "make room" if error.errno == errno.ENOSPC else "choose another folder"
        raise SeqgenError(
            f"cannot write {path}: {error.strerror or error}; {what}, what stood there is kept"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, stand on the disk."""
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_usual_mode(path: Path) -> None:
    # mkstemp makes files that only their owner may read; results are ordinary files.
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file whole: to a temporary name, flushed to disk, then renamed."""
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file against other processes; it is free again when this one ends, however.

    Args:
        path: The lock file; it is made and stays, empty.
        what: What is locked, for the message.

    Raises:
        SeqgenError: Another process holds it, or it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = path.open("a")
    except OSError as error:
        raise SeqgenError(
            f"cannot open {path}: {error.strerror or error}; where the folder is somebody else's, "
            "name another one with --out"
        ) from None
    with handle:
        try:
            _lock(handle.fileno())
        except OSError as error:
            if error.errno not in TAKEN:
                raise SeqgenError(
                    f"cannot lock {path}: {error.strerror or error}; choose a folder on a disk "
                    "that has locks, with --out"
                ) from None
            raise SeqgenError(
                f"another process works in {what}; wait for it, stop it, or name another "
                "folder with --out"
            ) from None
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
