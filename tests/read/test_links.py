from hypothesis import given
from hypothesis import strategies as st

from watcher.read.links import page, safe_address

PARTS = (
    "https://",
    "http://",
    "HTTP://",
    "wire.example",
    "..",
    "/",
    "//",
    "?",
    "a=1",
    "&",
    ":",
    "@",
    ";",
    "%20",
    "-",
    "x",
)


@given(
    st.sampled_from(["https://", "http://"]),
    st.lists(st.sampled_from(PARTS), max_size=8).map("".join),
    st.sampled_from(["", "https://base.example/news/", "http://base.example", "/f"]),
)
def test_an_address_that_needs_nothing_stays_as_any_other_does(scheme: str, rest: str, base: str) -> None:
    link = scheme + rest

    assert safe_address(link, base) == safe_address(f"{link}\N{ZERO WIDTH SPACE}", base)


@given(
    st.sampled_from(["wire.example", "www.wire.example", "www.www.example", "www."]),
    st.lists(st.sampled_from((*PARTS, "#", "\n")), max_size=8).map("".join),
)
def test_a_page_is_the_same_however_its_address_is_written(host: str, rest: str) -> None:
    assert page(f"https://{host}{rest}") == page(f"HTTPS://{host}{rest}")
