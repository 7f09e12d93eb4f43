"""The tests of the house. Read CONTRIBUTING.md for which folder holds what."""
