"""Passwords against what is stored."""

from __future__ import annotations

import pytest

from api.access import secrets_of
from api.access.secrets_of import hash_password, password_fits


async def test_the_right_password_fits_and_no_other() -> None:
    stored = await hash_password("گذرواژه")
    assert await password_fits("گذرواژه", stored)
    assert not await password_fits("گذرواژه ", stored)
    assert not await password_fits("گذرواژه", None)


@pytest.mark.parametrize("stored", ["x", "!", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_an_account_whose_hash_is_none_of_ours_lets_nobody_in(stored: str) -> None:
    assert not await password_fits("", stored)
    assert not await password_fits(stored, stored)


async def test_nobody_s_password_takes_as_long_as_everybody_else_s() -> None:
    slow = secrets_of._NOBODY.rpartition("$")[0].rpartition("$")[0]
    assert slow == "$argon2id$v=19$m=65536,t=3,p=4"
    assert (await hash_password("گذرواژه")).startswith(slow + "$")
