"""Kinds of indicator that read the history rather than one text: sequence, tempo and silence."""
