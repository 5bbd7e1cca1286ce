"""The shape of the YAML files as pydantic models: what may stand where, and (through them) the JSON Schemas.

Every leaf is a check of `typed`, `terms` or `durations` that takes the text as typed, so that all sentences
are ours. Names that refer to something else in the file are checked against the `Names` in the validation
context. Past these models there are only values of `watcher.model`.
"""
