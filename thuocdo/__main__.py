"""The command `thuocdo`, also as `python -m thuocdo`."""

import signal


def main() -> None:
    """Run the command line; whoever stops it while it is still being loaded sees no traceback."""
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:  # nobody chose otherwise, as nohup and shells do
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from thuocdo import cli

    signal.signal(signal.SIGINT, interrupt)
    cli.main()


if __name__ == "__main__":
    main()
