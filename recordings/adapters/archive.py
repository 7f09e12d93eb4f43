"""The archive through obstore: a folder on this machine today, an S3 store when the line outgrows it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from ivr.kernel.errors import NotFound, Unavailable
from recordings.naming import checked_key

PIECE = 64 * 1024
"""Bytes handed on at a time: small enough that a slow listener holds little memory."""


class LocalArchive:
    """`recordings.ports.Archive` in a folder. obstore writes beside the target and renames, so no half file is seen."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._store = LocalStore(prefix=str(self._root), mkdir=True)

    async def put(self, key: str, path: Path) -> str:
        ours = await asyncio.to_thread(_digest, path)
        try:
            await obstore.put_async(self._store, checked_key(key), path)
            # The spool copy goes once this is done: the bytes and their name must survive a power cut first.
            await asyncio.to_thread(_sync, self._root / key)
        except (BaseError, OSError) as error:
            raise Unavailable(f"the archive does not take the sound: {error}") from error
        return ours

    async def digest(self, key: str) -> tuple[str, int]:
        hasher, size = hashlib.sha256(), 0
        try:
            found = await obstore.get_async(self._store, self._own(key))
        except FileNotFoundError:
            raise NotFound("the archive has no such sound") from None
        except BaseError as error:
            raise Unavailable(f"the archive does not answer: {error}") from error
        async for piece in found.stream(min_chunk_size=16 * PIECE):
            hasher.update(piece)
            size += len(piece)
        return hasher.hexdigest(), size

    async def stream(self, key: str, first: int, last: int) -> AsyncIterator[bytes]:
        try:
            found = await obstore.get_async(self._store, self._own(key), options={"range": (first, last + 1)})
        except FileNotFoundError:
            raise NotFound("the archive has no such sound") from None
        except BaseError as error:
            raise Unavailable(f"the archive does not answer: {error}") from error
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)

    def _own(self, key: str) -> str:
        """The key, unless a link planted in the folder would lead elsewhere: obstore follows links."""
        path = self._root / checked_key(key)
        if path.resolve() != path:
            raise NotFound("the archive has no such sound")
        return key


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
