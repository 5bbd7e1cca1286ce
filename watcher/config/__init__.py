"""What people typed in, checked values out: YAML lists, settings, and the JSON Schemas for editors.

The work is done in the rooms' own modules; each is imported when its function is first asked for, so that
pydantic and yaml cost nothing until a file is read.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watcher.config.cues import load_cues as load_cues
    from watcher.config.feeds import load_feeds as load_feeds
    from watcher.config.feeds import read_feeds as read_feeds
    from watcher.config.indicators import load_indicators as load_indicators
    from watcher.config.indicators import read_indicators as read_indicators
    from watcher.config.parts import parts_of as parts_of
    from watcher.config.schema import json_schema as json_schema
    from watcher.config.settings import load_settings as load_settings
    from watcher.config.vocabulary import load_vocabulary as load_vocabulary

_MODULES = {
    "json_schema": "schema",
    "load_cues": "cues",
    "load_feeds": "feeds",
    "load_indicators": "indicators",
    "load_settings": "settings",
    "load_vocabulary": "vocabulary",
    "parts_of": "parts",
    "read_feeds": "feeds",
    "read_indicators": "indicators",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
