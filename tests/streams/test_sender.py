"""What a broker's refusals are told as."""

import pytest
from aiokafka.errors import ProducerFenced

from streams.sender import failure, is_for_now


def test_one_that_allows_less_time_is_told_with_its_remedy() -> None:
    error = failure(50, "worker-3")

    assert "worker-3: error 50: set transaction.max.timeout.ms" in str(error)
    assert not is_for_now(error)


@pytest.mark.parametrize(("code", "text"), [(90, "worker-3"), (6, "worker-3: error 6")])
def test_others_are_told_by_their_code(code: int, text: str) -> None:
    error = failure(code, "worker-3")

    assert isinstance(error, ProducerFenced) == (code == 90)
    assert text in str(error)
