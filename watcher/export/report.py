"""Sections of a report in, one page that needs nothing beside itself out, or the same in Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from markupsafe import Markup

from watcher.delivery.render import one_line
from watcher.export.markdown import markdown_text

_LONGEST = 400

_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report: what it says in a sentence, a table with the figures, and pictures of them.

    A picture may have a caption before it.
    """

    title: str
    says: str
    headings: tuple[str, ...] = ()
    rows: Sequence[tuple[object, ...]] = ()
    pictures: Sequence[tuple[str, Markup]] = ()


def report_page(title: str, about: str, sections: Sequence[Section]) -> str:
    """Return the report as one HTML page, which asks nobody for anything and runs no script."""
    body = "\n".join(line for section in sections for line in _html(section))
    style = _STYLE.read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{style}</style></head>\n"
        f'<body><main><h1>{_text(title)}</h1>\n<p class="says">{_text(about)}</p>\n'
        f"{body}\n</main></body></html>\n"
    )


def report_markdown(title: str, about: str, sections: Sequence[Section]) -> str:
    """Return the report as Markdown, its figures in tables."""
    lines = [f"# {_plain(title)}", "", _plain(about)]
    for section in sections:
        lines += ["", f"## {_plain(section.title)}", "", _plain(section.says)]
        if section.rows:
            lines += ["", *_row(section.headings), _rule(len(section.headings))]
            lines += [line for row in section.rows for line in _row(row)]
    return "\n".join(lines) + "\n"


def _html(section: Section) -> Iterator[str]:
    yield f"<section><h2>{_text(section.title)}</h2>"
    yield f'<p class="says">{_text(section.says)}</p>'
    for caption, picture in section.pictures:
        name = caption or section.title
        yield f"<p>{_text(caption)}</p>" if caption else ""
        yield f'<div class="picture" tabindex="0" role="group" aria-label="{_text(name)}">{picture}</div>'
    if section.rows:
        yield "<details><summary>The figures</summary><table>" if section.pictures else "<table>"
        yield f"<thead><tr>{''.join(_cell('th', each) for each in section.headings)}</tr></thead><tbody>"
        yield from (f"<tr>{''.join(_cell('td', each) for each in row)}</tr>" for row in section.rows)
        yield f"</tbody></table>{'</details>' if section.pictures else ''}"
    yield "</section>"


def _cell(tag: str, value: object) -> str:
    kind = ' class="number"' if isinstance(value, (int, float)) else ""
    return f"<{tag}{kind}>{_text(value)}</{tag}>"


def _text(value: object) -> str:
    return escape(one_line(_said(value), _LONGEST))


def _row(cells: Sequence[object]) -> list[str]:
    return [f"| {' | '.join(_plain(cell) for cell in cells)} |"]


def _rule(count: int) -> str:
    return f"|{' --- |' * count}"


def _plain(value: object) -> str:
    return markdown_text(_said(value), _LONGEST)


def _said(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
