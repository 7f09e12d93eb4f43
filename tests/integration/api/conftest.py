"""What the tests of this folder share beyond the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.settings import ApiSettings


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    """A board stays fresh for a minute: between its publishing and the asking a busy machine takes more than the six seconds of
    the field. An old one is 70 seconds old here."""
    return settings.model_copy(update={"board_stale": timedelta(seconds=60)})
