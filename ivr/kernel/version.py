"""Which version of the line this is; the same number as in pyproject.toml."""

VERSION = "0.1.0"
