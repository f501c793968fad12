"""Processes that we start: they die with us, and are known again by pid and start time."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2  # <linux/prctl.h>


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel for this signal when the parent dies, SIGKILL included; Linux only.

    Kept over exec, dropped over a change of user. A no-op elsewhere: `down` and the next `up`
    then end what was left, by pid and start time.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
