"""Run a program that ends when its parent does: ``python leash.py PARENT_PID PROGRAM ARGUMENT…``.

A program of its own, so that nothing runs between fork and exec in a process that has threads. It imports nothing
of the project and must start fast. On systems without ``prctl`` the program simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGTERM at the parent's end, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before the kernel was asked
            sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 - the whole purpose, and there is no shell


if __name__ == "__main__":
    main()
