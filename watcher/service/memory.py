"""Memory that this process holds and nobody uses in, the same given back to the system out."""

import ctypes


def give_back() -> None:
    """Let the C library give back what it holds for later: a burst, or compiling a list, leaves megabytes.

    Only glibc has a call for that; other libraries give back by themselves, or not.
    """
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
