"""Tenants of one session beside each other, and how a process that has died is told of."""

import time

import pytest

from tests.api.conftest import tenants
from tests.api.processes import STARTED, Installation


def test_each_tenant_has_a_history_of_its_own(stock: Installation, own_stock: Installation) -> None:
    # given a tenant whose sink has kept its positions in the servers' PostgreSQL
    with stock.at_work(["sink"]):
        pass
    # when another's starts, it finds nothing foreign: each has a database
    with own_stock.at_work(["sink"]) as started:
        log = started["sink"].log.read_text()
        own_stock.refuse_deaths()
    assert STARTED in log


def test_a_process_that_has_died_is_told_with_its_log(
    own_stock: Installation, request: pytest.FixtureRequest
) -> None:
    # given a process that nobody asked to end, and that has
    died = own_stock.start_api(STOCKYARD_PARTITIONS="7")
    while died.is_running():
        time.sleep(0.05)
    # then whoever waits for it, or stops it, is told why
    for told in (own_stock.refuse_deaths, lambda: died.until_logged("never said"), died.stop):
        with pytest.raises(AssertionError, match=r"(?s)api ended by itself, with 3.*_PARTITIONS=4"):
            told()
    # and so is whoever reads the report of a test that has failed
    logs = dict(log for tenant in tenants(request.node) for log in tenant.logs())
    assert STARTED in logs["sink.log"]
    assert "_PARTITIONS=4" in logs["api.log"]
    assert died.wait() == 3
