"""Programs' keys: random, kept as hashes, limited to scopes, revocable."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import permissions_of_scopes
from api.access.principal import Principal
from api.access.secrets_of import hash_of
from api.db.tables import ApiToken


async def find_token(session: AsyncSession, token: str, *, address: str) -> Principal | None:
    """Whose token this is; None when unknown or revoked."""
    row = await session.scalar(
        select(ApiToken).where(ApiToken.token_hash == hash_of(token), ApiToken.revoked_at.is_(None))
    )
    if row is None:
        return None
    return Principal(
        actor=f"token:{row.name}",
        name_fa=row.name,
        name_en=row.name,
        role=None,
        permissions=permissions_of_scopes(row.scopes),
        csrf=None,
        address=address,
    )
