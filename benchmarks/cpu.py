"""CPU time: of a piece of work in this process, and of another process."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PROCESS_CLOCK = 2


def microseconds(work: Callable[[], object], operations: int) -> float:
    """Return the CPU time per operation of some work that does so many, in this thread."""
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) * 1e6 / operations


def seconds_of(pid: int) -> float:
    """Return the CPU seconds that a process has taken, all its threads, user and system.

    The same sum as in ``/proc/PID/stat``, in nanoseconds instead of ticks of 10 ms. Linux
    only: a clock's id is made of the process id (include/linux/posix-timers_types.h). Raise
    OSError if there is no such process.
    """
    return time.clock_gettime(~pid << 3 | _PROCESS_CLOCK)


@contextmanager
def collector_off() -> Iterator[None]:
    """Collect what is garbage, then nothing more until the end."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
