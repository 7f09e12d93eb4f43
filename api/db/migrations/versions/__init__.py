"""One file for each step, numbered; never changed after a release."""
