"""Text that compares: two spellings of the same words become equal.

`fold` is the one spelling, `words` counts words and finds sentences in it.
"""
