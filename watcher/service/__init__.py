"""When: one tick that polls whoever is due, a courier for each channel, a watch over both, and how the service is doing.

`daemon` runs, `lock` sees to it that one does, `health` says how it is.
"""
