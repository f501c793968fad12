"""What a figure was measured on: the commit and the machine."""

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def revision() -> str:
    """The tree as git names it; empty where there is no git."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return told.stdout.strip()


def machine() -> dict[str, object]:
    """Cores, memory in GiB, system and Python."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30,
        "system": platform.platform(),
        "python": platform.python_version(),
    }
