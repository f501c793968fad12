"""Requests made from the API's own OpenAPI document: answers as it says, and no defect of ours."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from schemas.domains import DOMAINS
from tests.corpus.system import System, running

EXAMPLES = int(os.environ.get("STOCKYARD_SCHEMATHESIS", "15"))  # of each operation
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS_LEAST = 8
POSITION, WELL_FORMED = "X-Min-Position", re.compile(r"[0-9:, ]+")


@pytest.fixture(scope="module")
def system(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system for these requests."""
    with running(kafka, tmp_path_factory.mktemp("schemathesis"), DOMAINS) as made:
        yield made


def test_every_operation_answers_as_its_document_says(system: System) -> None:
    document = schemathesis.openapi.from_url(f"{system.api.address}/openapi.json")
    asked = 0
    for found in document.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            headers = case.headers or {}
            if WELL_FORMED.fullmatch(headers.get(POSITION, "")):
                headers[POSITION] = "0:0"  # one that is never reached takes its 5 s
            response = case.call()
            unknown_yet = (
                response.status_code == 503 and b"POSITION_NOT_REACHED" in response.content
            )
            case.validate_response(response, checks=CHECKS[unknown_yet:])

        ask()
        asked += 1
    assert asked >= OPERATIONS_LEAST
    system.unharmed()
