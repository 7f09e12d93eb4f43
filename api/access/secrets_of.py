"""Random secrets and their hashes: what the browser or the program holds is never what the table holds."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from ivr.kernel.errors import Unavailable

_passwords = PasswordHash((Argon2Hasher(),))
_turn = asyncio.Semaphore(2)
"""Argon2 takes 64 MiB and a core for a sixth of a second: more at once would only starve the pages."""
_LONGEST_LINE = 40
"""Checks that may stand in line (about 4 s); beyond that a flood is told to come back, and pages stay quick."""
_waiting = 0

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$4w4shjWwf7DsbIStgGRzcw$/Y7zzLeQofsN57pjP0G60X5wVG8vv2cqHfQ9KphdIWU"
"""Of a random password that nobody kept, as slow as all others. Verified when the account does not exist, so that the time
taken does not tell; making it anew would cost each start of a process a sixth of a second."""


def new_secret() -> str:
    """256 random bits, fit for a cookie or a header."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """For a person who is told it once and types it in: 59 random bits in three groups, no letter that looks like another."""
    letters = [secrets.choice(_READABLE) for _ in range(12)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 12, 4))


def hash_of(secret: str) -> str:
    """Of a *random* secret; a fast hash is enough, there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def hash_password(password: str) -> str:
    """Argon2id, off the loop."""
    async with _turn:
        return await asyncio.to_thread(_passwords.hash, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Whether the password is right; takes as long when there is no such account (`stored` None). An account whose stored
    hash is none of ours (closed by hand, brought over from elsewhere) has no right password."""
    global _waiting
    if _waiting >= _LONGEST_LINE:
        raise Unavailable("Too many people are logging in at this moment; please try again in a few seconds.")
    _waiting += 1
    try:
        async with _turn:
            try:
                right = await asyncio.to_thread(_passwords.verify, password, stored or _NOBODY)
            except UnknownHashError:
                await asyncio.to_thread(_passwords.verify, password, _NOBODY)
                right = False
    finally:
        _waiting -= 1
    return right and stored is not None
