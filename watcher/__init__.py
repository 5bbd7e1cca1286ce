"""A watcher for provocation indicators: news feeds in, alerts out."""

__version__ = "0.1.0"
