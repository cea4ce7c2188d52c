"""Commands besides the workflow: ``python -m weightscape spectra MODEL``, ``python -m weightscape compare STUDY…``."""

import argparse
import sys

from weightscape.comparison import command as compare
from weightscape.spectra import command as spectra


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 with one line on standard error where the user has to change something."""
    parser = argparse.ArgumentParser(prog="weightscape", description="Weight spectra of neural networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    spectra.add_arguments(
        commands.add_parser("spectra", help="spectra of a checkpoint, as a table, pictures and a page")
    )
    compare.add_arguments(commands.add_parser("compare", help="claims of finished studies side by side"))
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except ValueError as error:
        return _refuse(str(error))
    except OSError as error:  # those of the system hold the file apart
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return 0


def _refuse(problem: str) -> int:
    print("weightscape:", " ".join(problem.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
