"""Commands that need no study: ``python -m weightscape spectra MODEL``."""

import argparse
import sys

from weightscape.spectra.command import add_arguments


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 with one line on standard error where the user has to change something."""
    parser = argparse.ArgumentParser(prog="weightscape", description="Weight spectra of neural networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_arguments(commands.add_parser("spectra", help="spectra of a checkpoint, as a table, pictures and a page"))
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except (ValueError, FileNotFoundError) as error:
        print(f"weightscape: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
