"""Disks that fill, ledgers that are rotated and torn, clocks that jump, sound that is broken."""
