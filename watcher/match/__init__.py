"""Items and indicators in, hits out, each with the words that made it match.

`terms` turns a typed term into something to look for, `lexicon` finds all terms of all indicators in one pass
over a text, `groups` combines what was found, `claims` reads what the text says of it, `matcher` puts them in
a line.
"""

from watcher.match.matcher import NOTHING_FOUND, Found, Matcher, compile_list

__all__ = ["NOTHING_FOUND", "Found", "Matcher", "compile_list"]
