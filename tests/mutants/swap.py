"""A loaded module and another text of it in, the same objects with the other code out."""

import importlib
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

_IN_ORDER = ("values", "rows", "forgotten", "engine", "search", "connection")
"""Modules of the store that others compute constants from when they are loaded."""


def swap_in(name: str, source: str) -> None:
    """Give a module the code of another text, and load anew what computes constants from it."""
    _swap(name, source)
    room = name.rpartition(".")[0]
    for path in sorted(Path(*room.split(".")).glob("*.py"), key=lambda path: path.stem not in _IN_ORDER):
        other = f"{room}.{path.stem}"
        if path.stem != "__init__" and other != name and other in sys.modules:
            _swap(other, path.read_text(encoding="utf-8"))


def _swap(name: str, source: str) -> None:
    loaded, fresh = importlib.import_module(name), ModuleType(name)
    fresh.__dict__.update(__file__=loaded.__file__, __package__=loaded.__package__)
    sys.modules[name] = fresh  # dataclasses look their module up
    try:
        exec(compile(source, str(loaded.__file__), "exec"), fresh.__dict__)
    finally:
        sys.modules[name] = loaded
    for key, new in vars(fresh).items():
        old = vars(loaded).get(key)
        if key.startswith("__") or old is new or _take_over(old, new, name):
            continue
        for module in [
            each for each in sys.modules.values() if getattr(each, "__name__", "").startswith("watcher")
        ]:
            if vars(module).get(key) is old:
                setattr(module, key, new)


def _take_over(old: Any, new: Any, module: str) -> bool:
    """Give an object the code of its successor; return whether it could be."""
    if getattr(new, "__module__", None) != module or type(old) is not type(new):
        return False
    if hasattr(new, "__wrapped__"):
        if hasattr(old, "cache_clear"):
            old.cache_clear()
        return _take_over(old.__wrapped__, new.__wrapped__, module)
    if isinstance(new, FunctionType):
        for part in ("__code__", "__defaults__", "__kwdefaults__"):
            setattr(old, part, getattr(new, part))
    elif isinstance(new, type):
        for key, value in vars(new).items():
            _take_over_part(old, key, value, module)
    elif hasattr(old, "__dict__"):
        vars(old).update(vars(new))
    else:
        return False
    return True


def _take_over_part(old: type, key: str, value: Any, module: str) -> None:
    was = vars(old).get(key)
    inner = {property: "fget", classmethod: "__func__", staticmethod: "__func__"}.get(type(value))
    if inner:
        _take_over(getattr(was, inner), getattr(value, inner), module)
    elif isinstance(value, FunctionType):
        _take_over(was, value, module)
    elif isinstance(value, int | str | float) and not key.startswith("__"):
        setattr(old, key, value)
