"""What was recorded in, what a page shows out: pure functions, one module for each page."""
