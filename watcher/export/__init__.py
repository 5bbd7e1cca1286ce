"""What was recorded in, files for other programs out."""
