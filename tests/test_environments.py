"""The conda environments and the lock file pin the same versions."""

import re
from pathlib import Path

import pytest
import yaml

CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
ENVIRONMENTS = sorted((Path(__file__).parents[1] / "envs").glob("*.yaml"))


def locked(project: Path, name: str = "requirements") -> dict[str, str]:
    lines = (project / f"envs/{name}.lock").read_text().splitlines()
    return dict(re.match(r"([\w.-]+)==([\w.+]+)", line).groups() for line in lines if "==" in line)


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_pins_agree_with_the_lock_file(project, path):
    versions = locked(project, "requirements-text2image" if path.stem == "text2image" else "requirements")
    environment = yaml.safe_load(path.read_text())
    assert environment["channels"] == ["conda-forge"]
    for entry in environment["dependencies"]:
        packages = [pin.split("==") for pin in entry["pip"]] if isinstance(entry, dict) else [entry.split("=")]
        for name, *version in packages:
            if name == "pip":
                continue
            assert len(version) == 1, f"{path.name}: {name} is not pinned"
            if name != "python":
                assert versions[CONDA_NAMES.get(name, name)] == version[0], f"{path.name}: {name}"


def test_every_environment_is_used_and_every_rule_has_one(project):
    text = "".join(path.read_text() for path in (project / "workflow/rules").glob("*.smk"))
    assert set(re.findall(r"envs/(\w+\.yaml)", text)) == {path.name for path in ENVIRONMENTS}


def test_lock_file_holds_the_versions_of_pyproject(project):
    import tomllib

    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    versions = locked(project)
    for requirement in metadata["dependencies"]:
        name, version = requirement.split("==")
        assert versions[name] == version
    for line in (project / "envs/requirements.lock").read_text().splitlines():
        name = line.split("==")[0]
        for other in ("test", "slurm", "text2image"):
            assert line in (project / f"envs/requirements-{other}.lock").read_text(), (
                f"{name} differs in the {other} lock"
            )
