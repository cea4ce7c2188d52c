"""The code digest reacts to what can change a result, and to nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from weightscape import digest

SCRIPTS = sorted(path.name for path in digest.SCRIPTS.glob("*.py") if "snakemake" in path.read_text())


def clear() -> None:
    for function in vars(digest).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Two modules and a script that uses one of them, in place of the real ones."""
    package = tmp_path / "weightscape"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "sub" / "__init__.py").write_text("")
    (package / "used.py").write_text('"""Doc."""\n\n\ndef f():\n    """Doc."""\n    return 1  # why\n')
    (package / "sub" / "deep.py").write_text("from weightscape.used import f\n")
    (package / "unused.py").write_text("x = 1\n")
    (tmp_path / "rule.py").write_text("def main():\n    from weightscape.sub.deep import f\n")
    (tmp_path / "own.yaml").write_text("dependencies: [numpy=1.0]\n")
    monkeypatch.setattr(digest, "SCRIPTS", tmp_path)
    monkeypatch.setattr(digest, "ENVIRONMENTS", tmp_path)

    def value():
        clear()
        return digest.code_digest("rule.py", "own")

    yield package, value
    clear()


def test_edit_of_an_indirectly_imported_module_changes_the_digest(copy):
    package, value = copy
    before = value()
    (package / "used.py").write_text("def f():\n    return 2\n")
    assert value() != before


def test_comments_docstrings_and_formatting_do_not_change_the_digest(copy):
    package, value = copy
    before = value()
    (package / "used.py").write_text('def f():\n    """Another text."""\n    return (1)\n')
    assert value() == before


def test_no_string_that_stands_alone_changes_the_digest(copy):
    package, value = copy
    (package / "used.py").write_text('X = 1\n"""What X is."""\n\n\ndef f():\n    "Doc."\n    return X\n')
    before = value()
    (package / "used.py").write_text('X = 1\n"""What X really is."""\n\n\ndef f():\n    return X\n')
    assert value() == before
    (package / "used.py").write_text('X = "another"\n"""What X is."""\n\n\ndef f():\n    return X\n')
    assert value() != before


def test_an_import_for_types_only_does_not_count(copy):
    package, value = copy
    text = (package / "used.py").read_text()
    before = value()
    guard = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import weightscape.unused\n"
    (package / "used.py").write_text("from typing import TYPE_CHECKING\n" + text)
    plain = value()
    (package / "used.py").write_text(guard + text)
    assert value() == plain != before


def test_an_entry_counts_where_it_is_named(copy):
    package, value = copy
    before = value()
    (package / "entry.py").write_text("from weightscape.unused import x\n")
    assert value() == before
    named = digest.code_digest("rule.py", "own", "weightscape.entry")
    assert named != before
    (package / "unused.py").write_text("x = 3\n")
    clear()
    assert digest.code_digest("rule.py", "own", "weightscape.entry") != named


def test_edit_of_a_module_that_is_not_imported_does_not_change_the_digest(copy):
    package, value = copy
    before = value()
    (package / "unused.py").write_text("x = 2\n")
    assert value() == before


def test_another_version_of_a_package_changes_the_digest(copy):
    package, value = copy
    before = value()
    (package.parent / "own.yaml").write_text("dependencies: [numpy=1.1]\n")
    assert value() != before
    (package.parent / "own.yaml").write_text("# comment\ndependencies: [numpy=1.0]\n")
    assert value() == before


def test_a_folder_is_told_by_its_files_and_their_sizes(tmp_path):
    assert digest.folder_digest(None) is None
    assert digest.folder_digest(str(tmp_path / "missing")) is None
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.png").write_bytes(b"123")
    first = digest.folder_digest(str(tmp_path))
    assert digest.folder_digest(str(tmp_path)) == first
    (tmp_path / "a/1.png").write_bytes(b"1234")
    second = digest.folder_digest(str(tmp_path))
    (tmp_path / "a/2.png").write_bytes(b"")
    assert len({first, second, digest.folder_digest(str(tmp_path))}) == 3
    files = [str(tmp_path / "a/1.png"), str(tmp_path / "a/2.png")]
    assert len({digest.folder_digest(*files), digest.folder_digest(files[0]), digest.folder_digest(files[1])}) == 3
    assert digest.folder_digest(*files, str(tmp_path / "missing")) == digest.folder_digest(*files)


def test_the_lazy_names_of_the_statistics_are_not_used_inside():
    """They are imported by name at run time, where the digest cannot see them."""
    from weightscape.statistics import _HOME

    for path in digest.SCRIPTS.rglob("*.py"):
        for name in _HOME:
            assert f"from weightscape.statistics import {name}" not in path.read_text(), path


def test_relative_imports_are_refused(copy):
    package, value = copy
    (package / "used.py").write_text("from . import unused\n")
    with pytest.raises(SyntaxError, match="relative import"):
        value()


def test_spectra_code_is_not_behind_training_and_plotting_code_is_behind_neither():
    def modules(script: str) -> set[str]:
        return {path.relative_to(digest.SCRIPTS).as_posix() for path in digest.code_files(digest.SCRIPTS / script)}

    finetune, spectra = modules("finetune.py"), modules("spectra.py")
    assert "weightscape/training/finetune.py" in finetune
    assert not any(
        name.startswith(("weightscape/spectra", "weightscape/figures", "weightscape/report")) for name in finetune
    )
    assert "weightscape/spectra/power_law.py" in spectra
    assert not any(name.startswith(("weightscape/figures", "weightscape/training")) for name in spectra)


@pytest.mark.parametrize("script", SCRIPTS)
def test_digest_covers_every_library_module_that_importing_the_script_loads(script):
    """The static search may find more than one run loads, never less."""
    code = f"""
import sys
sys.path.insert(0, {str(digest.SCRIPTS)!r})
import {Path(script).stem}
print(*[m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'weightscape'], sep='\\n')
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {Path(file).resolve() for file in loaded} <= digest.code_files(digest.SCRIPTS / script)
