"""Long searches for what breaks the promises in `tests/fuzz/targets.py`."""
