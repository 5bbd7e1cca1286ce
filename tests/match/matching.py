"""A group and a text as people write them in, the words found out."""

from datetime import datetime

from tests.builders import a_list, an_item
from watcher.match import compile_list


def evidence(
    match: str,
    title: str,
    summary: str = "",
    *,
    head: str = "",
    look_in: str = "title and text",
    on: str = "",
) -> list[str]:
    """Return the words by which a group, written in YAML, finds a text; none when it does not.

    `head` holds entities, `on` is the day the item was published.
    """
    listed = a_list(
        f"{head}\nindicators:\n  - {{id: sign, category: provocation, look_in: {look_in}, match: {match}}}\n"
    )
    published = datetime.fromisoformat(f"{on}T12:00:00+00:00") if on else None
    hits = compile_list(listed).match(an_item(title, summary, published=published))
    return [word for hit in hits for word in hit.evidence]
