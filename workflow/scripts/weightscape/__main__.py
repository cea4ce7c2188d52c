"""``python -m weightscape COMMAND``; each module of `weightscape.commands` is a command."""

import argparse
import pkgutil
import sys
from importlib import import_module

from weightscape import commands


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 with one line on standard error where the user has to change something."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="weightscape", description="Weight spectra of neural networks.")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    modules = {module.name.replace("_", "-"): module.name for module in pkgutil.iter_modules(commands.__path__)}
    for name in [name for name in arguments[:1] if name in modules] or modules:  # imports what is needed
        command = import_module(f"{commands.__name__}.{modules[name]}")
        text = str(command.__doc__).strip().removesuffix(".")
        subparser = parsers.add_parser(name, help=text, description=text)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
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
