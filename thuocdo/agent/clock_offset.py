"""How far this machine's clock may be off, by the kernel's own estimate."""

import ctypes

_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000


class _Timex(ctypes.Structure):
    """`struct timex` of Linux, as far as it is read; the rest is room for what the kernel writes. Source: adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def clock_offset_seconds() -> float | None:
    """
    Return the larger of what the kernel still has to correct and what it was told to be unsure of; never negative.

    None where nothing keeps the clock (no NTP), or the kernel cannot be asked.
    """
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return None
    asked = _Timex(modes=0)  # 0 = only read, which needs no rights
    if adjtimex(ctypes.byref(asked)) < 0 or asked.status & _STA_UNSYNC:
        return None
    offset_seconds = abs(asked.offset) / (1e9 if asked.status & _STA_NANO else 1e6)
    return float(max(offset_seconds, asked.esterror / 1e6))
