"""The end of a listening socket that several processes share."""

from __future__ import annotations

import ctypes
import socket
import sys

_SO_ATTACH_FILTER = 26
_RETURN = 0x06


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def let_nobody_in(listener: socket.socket) -> None:
    """The kernel passes over whoever asks to connect from now on; they ask again after a second, and are refused once
    the socket is closed. To close it while somebody comes in would reset them instead.

    Only whoever ends the socket for good may do so: no process that shares it hears of anybody any more. Linux has such
    filters for TCP (socket(7), SO_ATTACH_FILTER); elsewhere nothing happens.
    """
    if sys.platform != "linux" or listener.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    pass_over = _Instruction(_RETURN, 0, 0, 0)
    program = _Program(1, ctypes.pointer(pass_over))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, bytes(program))
