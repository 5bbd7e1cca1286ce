"""What an analyst tunes with: archives through the line, and why an item did or did not hit.

`archive` reads news that was kept, `replay` plays it in its own time, `examples` runs the inline tests,
`explain` says why.
"""
