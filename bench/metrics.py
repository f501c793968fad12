"""Reads Prometheus metrics of our processes, as an operator's scraper would."""

import urllib.error
import urllib.request

from local.ports import LOOPBACK

TIMEOUT_S = 5.0


def scrape(port: int) -> str:
    """A process's metrics page; empty while it does not answer."""
    try:
        address = f"http://{LOOPBACK}:{port}/metrics"
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return ""


def total(page: str, name: str, label: str = "") -> float:
    """Sum of a metric's samples whose labels contain `label`."""
    return sum(
        float(line.rpartition(" ")[2])
        for line in page.splitlines()
        if line.startswith((name + "{", name + " ")) and label in line
    )
