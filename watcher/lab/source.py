"""An indicator in, its YAML as its file has it out."""

from pathlib import Path

from watcher.model.language import Indicator


def source_of(indicator: Indicator) -> str:
    """Return an indicator as its file has it, below `indicators:`: a file of its own could hold it so."""
    file, line, _ = indicator.place.rsplit(":", 2)
    try:
        lines = Path(file).read_text(encoding="utf-8-sig").splitlines()[int(line) - 1 :]
    except (OSError, ValueError):
        return ""
    margin = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    kept = lines[:1]
    for each in lines[1:]:
        if each.strip() and len(each) - len(each.lstrip()) <= margin:
            break
        kept.append(each)
    return "\n".join(["indicators:", *(f"  {each[margin:]}".rstrip() for each in kept)]).rstrip() + "\n"
