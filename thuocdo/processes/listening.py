"""The socket of the web process, opened by whoever starts it, so that it outlives its restarts."""

import socket

from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError


def listen(settings: Settings) -> socket.socket:
    """
    Return a listening socket for the web process.

    Raises:
        ConfigurationError: the port is taken or not allowed.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
        listener.listen(128)
    except OSError as exc:
        listener.close()
        raise ConfigurationError(
            f"web: cannot listen on {settings.web.host}:{settings.web.port} ({exc.strerror}); "
            "stop what uses the port, or set THUOCDO_WEB__PORT or web.port to another one"
        ) from exc
    return listener
