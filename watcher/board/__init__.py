"""Incidents and reviewers' settings in, levels out: of each indicator, each category and the problem."""
