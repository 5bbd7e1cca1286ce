"""Wrong programs made of ours, to see whether the suites notice: `make mutants`."""
