"""How `./run` hears that it shall stop, from its first moment on."""

import signal
from typing import NoReturn

_STOP = (signal.SIGINT, signal.SIGTERM)
_ALL = (*_STOP, signal.SIGHUP)


def on_signals() -> None:
    """From now on each of them raises KeyboardInterrupt, the first time.

    SIGINT and SIGTERM do so even where they were ignored: a shell that starts something in the background lets it
    ignore Ctrl-C, and nobody could stop it as the page of help says. Whoever writes nohup means SIGHUP.
    """
    for number in _ALL:
        if number in _STOP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)


def hold_back() -> None:
    """Keep signals until `on_signals` is called, also by the program that takes this one's place."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # Once is enough: a second Ctrl-C must not disturb the stopping.
    for number in _ALL:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
