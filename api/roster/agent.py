"""Somebody whose turns are planned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """The account of an operator, and how people call them."""

    username: str
    name_fa: str
    name_en: str
    active: bool = True
    """Former operators are shown where they were planned, and planned no more."""
