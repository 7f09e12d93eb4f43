"""Lists in pages: `{"items": […], "next": cursor or null}` (`api/http/cursors`)."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next` of the page before; leave it out for the first page.")
]


class Page(BaseModel, Generic[Item]):
    """One page of a list, newest first unless the operation says otherwise."""

    items: list[Item]
    next: str | None = Field(description="Send as `cursor` for the next page; null on the last page.")
