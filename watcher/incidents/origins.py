"""A folded text in, who its news comes from out, as opposed to the outlet that repeats it.

Twenty rewrites of one wire have one origin. Where a text names none, the origin is unknown. A name counts
only where it may be the source: not as the credit of a photo, not in "state media have not reported it", not
in the resolutions that every launch breaches, and not as the office of another country. An unnamed official
counts where nobody is named: "a JCS official" is the JCS.
"""

import re
from collections.abc import Iterable

from watcher.model.vocabulary import Vocabulary

UNNAMED = "unnamed"
"""The origin of what somebody said who would not be named."""


def origins_of(text: str, owner: str, vocabulary: Vocabulary) -> tuple[frozenset[str], str]:
    """Return the origins that an owner's text names, and who published it first: an agency, or the owner."""
    text = re.sub(vocabulary.not_a_source, " ", text)
    origins = frozenset(
        name
        for name, origin in vocabulary.origins.items()
        if owner in origin.owners or re.search(origin.words, text)
    )
    if not origins and re.search(vocabulary.unnamed.words, text):
        origins = frozenset({UNNAMED})
    credited = re.search(vocabulary.agencies, text)
    return origins, (credited and credited.lastgroup) or owner


def in_a_sentence(origins: Iterable[str], vocabulary: Vocabulary) -> str:
    """Return origins as a sentence names them; one that only an older version knew is named by its id."""
    known = {**vocabulary.origins, UNNAMED: vocabulary.unnamed}
    return " and ".join(known[name].name if name in known else name for name in sorted(origins))
