"""The service: one tick that polls due feeds, a courier for each channel, and checks of its own health.

`daemon` runs, `lock` sees to it that one does, `health` says how it is.
"""
