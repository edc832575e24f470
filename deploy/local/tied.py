"""Commands that the kernel ends when the process that started them ends, however that happens (Linux only).

Run as a program: python tied.py SIGNAL_NUMBER PARENT_ID COMMAND [ARGUMENT ...]
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def to_us(end_with: signal.Signals) -> list[str]:
    """What to write before a command that shall not outlive this process."""
    return [sys.executable, "-I", "-S", __file__, str(int(end_with)), str(os.getpid())]


def main() -> None:
    signal_number, parent, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
        # The parent may have gone before the kernel knew that we care.
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
