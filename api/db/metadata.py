"""All tables at once, for migrations: a table counts only when the module that describes it is named here."""

from __future__ import annotations

from api.db import alarm_tables, callback_tables, duty_tables, priority_tables, roster_tables, tables
from api.db.declarative import Base

METADATA = Base.metadata
DESCRIBED_IN = (tables, duty_tables, priority_tables, roster_tables, callback_tables, alarm_tables)
