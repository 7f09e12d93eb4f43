"""Accounts on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.access.permissions import Role
from api.db.tables import Person


class AccountView(BaseModel):
    """Somebody who can log in, or could."""

    username: str
    name_fa: str
    name_en: str
    role: Role
    active: bool = Field(description="A closed account cannot log in; what it did keeps its name.")
    created_at: datetime

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            username=person.username,
            name_fa=person.name_fa,
            name_en=person.name_en,
            role=Role(person.role),
            active=person.active,
            created_at=person.created_at,
        )


class Accounts(BaseModel):
    """Everybody, those who can log in first."""

    items: list[AccountView]


class NewAccount(BaseModel):
    """Who is to log in."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64, description="Small Latin letters and digits.", examples=["sara"])
    name_fa: str = Field(min_length=1, max_length=100)
    name_en: str = Field(min_length=1, max_length=100)
    role: Role


class AccountChange(BaseModel):
    """What may change of an account; its role may not: another role is another account."""

    model_config = ConfigDict(extra="forbid")

    name_fa: str = Field(min_length=1, max_length=100)
    name_en: str = Field(min_length=1, max_length=100)
    active: bool


class NewPassword(BaseModel):
    """Told once; nobody can read it again."""

    username: str
    password: str


class OwnPassword(BaseModel):
    """My new password, with the old one."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr = Field(min_length=1, max_length=1024)
    wanted: SecretStr = Field(min_length=1, max_length=1024, description="Ten characters or more.")
