#!/usr/bin/env bash
# pip 23.2.1 (it comes with Python 3.11.7): a lock with hashes that pins `beta`, where `alpha` asks for `beta[x]`.
#
# As long as beta 1 is the newest release the lock installs. As soon as the index has beta 2, the same lock on the same pip ends with
# "all requirements must have their versions pinned with ==": pip takes the newest release for the requirement with the extra, and
# finds no hash. pip 24.0 installs the lock in both cases. So a lock without extras stops working on some later day.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PYTHON'
import zipfile
from pathlib import Path


def wheel(folder, name, version, *more):
    path = Path(folder, f"{name}-{version}-py3-none-any.whl")
    path.parent.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        for part, text in (
            ("METADATA", "\n".join(("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *more, ""))),
            ("WHEEL", "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("RECORD", ""),
        ):
            file.writestr(zipfile.ZipInfo(f"{info}/{part}", (2020, 1, 1, 0, 0, 0)), text)


wheel("today", "alpha", "1", "Requires-Dist: beta[x]")
wheel("today", "beta", "1", "Provides-Extra: x")
wheel("later", "beta", "2", "Provides-Extra: x")
PYTHON
cp today/* later/
for name in alpha beta; do
  echo "$name==1 --hash=sha256:$(sha256sum "today/$name-1-py3-none-any.whl" | cut -d' ' -f1)"
done > lock.txt
try() {  # try PIP FOLDER: print and return how the lock installs
  python3 -m venv --clear venv
  venv/bin/python -m pip install -q "pip==$1"
  if venv/bin/python -m pip install -q --no-index --find-links "$2" --require-hashes -r lock.txt 2>error.txt; then
    echo "pip $1, $2: installs"
  else
    echo "pip $1, $2: $(grep -o 'all requirements must have their versions pinned' error.txt)"
  fi
}
found=$(try 23.2.1 today; try 23.2.1 later; try 24.0 today; try 24.0 later)
echo "$found"
[ "$found" = "pip 23.2.1, today: installs
pip 23.2.1, later: all requirements must have their versions pinned
pip 24.0, today: installs
pip 24.0, later: installs" ]
