"""A number and what it counts in, the words for both out."""


def counted(number: int, one: str, more: str = "") -> str:
    """Return so many of a thing: "1 alert", "2 alerts"; `more` is the plural if it is not `one` with an s."""
    return f"{number} {one if number == 1 else more or f'{one}s'}"
