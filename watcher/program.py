"""The environment of this process in, that of another program of ours out."""

import os
import sys
from collections.abc import Collection, Mapping

MODULES = "PYTHONPATH"

CACHES = ("HOME", "XDG_CACHE_HOME")
"""Where a program that reads lists finds the cache of them."""


def module_path() -> str:
    """Return where our modules are, as `PYTHONPATH` says it."""
    return os.pathsep.join(folder or os.curdir for folder in sys.path)


def own_environment(also: Collection[str] = ()) -> Mapping[str, str]:
    """Return what a process of our own needs: our modules, some variables by name, and no secret of ours."""
    return {name: os.environ[name] for name in also if name in os.environ} | {MODULES: module_path()}
