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
    kept, aside = lines[:1], list[str]()
    for each in lines[1:]:
        is_within = not each.strip() or len(each) - len(each.lstrip()) > margin
        if not is_within and each.lstrip().startswith("#"):
            # whether it is of this indicator is what follows it to say
            aside.append(f"{' ' * margin}  {each.lstrip()}")
        elif not is_within:
            break
        elif aside and not each.strip():
            aside.append(each)
        else:
            kept += [*aside, each]
            aside = []
    return "\n".join(["indicators:", *(f"  {each[margin:]}".rstrip() for each in kept)]).rstrip() + "\n"
