"""``python -m weightscape``: every module of the commands' package is a command."""

import re
import subprocess
import sys

import pytest

from weightscape.__main__ import main


def test_the_help_lists_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    for name in ("compare", "estimate", "match-doses", "plan-seeds", "published", "spectra"):
        assert re.search(rf"^    {name}\b", listed, re.MULTILINE)


@pytest.mark.parametrize("arguments", [[], ["spectrum"]])
def test_an_unknown_command_is_refused(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "COMMAND" in capsys.readouterr().err


def test_a_command_imports_no_other(project):
    code = (
        "import sys; from weightscape.__main__ import main\n"
        "try: main(['spectra', '--help'])\n"
        "except SystemExit: print('\\n', *sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(project / "workflow/scripts")}, capture_output=True, text=True
    )
    loaded = done.stdout.splitlines()[-1].split()
    assert "weightscape.commands.spectra" in loaded
    assert not {"weightscape.commands.compare", "matplotlib", "torch"} & set(loaded)
