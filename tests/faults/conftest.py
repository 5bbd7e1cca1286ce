"""What the tests of the promises have in common."""

import pytest

from tests.faults.scale import Figure


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Return what takes the figures of a test, which `tests.faults.long` prints."""
    return lambda words: request.node.user_properties.append(("figure", words))
