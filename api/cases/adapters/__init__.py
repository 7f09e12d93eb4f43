"""What cases read from disk: reserved codes, call-back notes, opening hours."""
