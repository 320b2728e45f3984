"""What a process of a pool does before its first job."""

import os
import signal
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread

from threadpoolctl import threadpool_limits


def settle(threads: int) -> None:
    """Threads of two processes on one core would wait for one another. Ctrl-C ends a process without a word.

    A process whose parent was killed waits for its next job for ever; this one leaves with it.
    """
    threadpool_limits(threads)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=leave_with_parent, daemon=True).start()


def leave_with_parent() -> None:
    wait([parent_process().sentinel])
    os._exit(1)
