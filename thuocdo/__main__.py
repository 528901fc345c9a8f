"""The command `thuocdo`, also as `python -m thuocdo`."""

from thuocdo.core.loading import stopped_without_a_word


def main() -> None:
    """Run the command line."""
    with stopped_without_a_word():
        from thuocdo import cli
    cli.main()


if __name__ == "__main__":
    main()
