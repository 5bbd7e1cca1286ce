"""Whatever a feed or a server said stays on its line of the service's log, and acts on no terminal."""

import io
import json
import logging

import pytest

from watcher.service.logs import logging_to

SAID = "gone\nlevel=info \x1b[31m \x9b2J \u202e \u2028 \ud800 北"


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_server_said_is_one_line_of_characters_that_print(as_json: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    with logging_to(stream, as_json=as_json):
        logging.getLogger("watcher.service").error("feed_failed", extra={"error": SAID})

    stream.seek(0)
    line = stream.read().removesuffix("\n")
    assert "gone" in line
    assert line.isprintable()
    assert not as_json or json.loads(line)["error"] == SAID


def test_words_of_any_script_stay_readable() -> None:
    stream = io.StringIO()

    with logging_to(stream):
        logging.getLogger("watcher.service").error("feed_failed", extra={"error": "timeout: 北 is gone"})

    assert stream.getvalue().endswith('error="timeout: 北 is gone"\n')
