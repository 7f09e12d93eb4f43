"""Who is asking, once we know."""

from __future__ import annotations

from dataclasses import dataclass

from api.access.permissions import Permission, Role
from ivr.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """A person with a session, or a program with a token."""

    actor: str
    """`person:<username>` or `token:<name>`, as the audit trail writes it."""
    name_fa: str
    name_en: str
    role: Role | None
    """None for a program."""
    permissions: frozenset[Permission]
    csrf: str | None
    """What a form of this session must carry; None for a program."""
    address: str
    """Where the request came from."""

    @property
    def username(self) -> str:
        return self.actor.partition(":")[2]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """`Forbidden` unless allowed."""
        if not self.may(permission):
            raise Forbidden(f"{self.actor} may not do this; it needs the permission {permission.value}.")
