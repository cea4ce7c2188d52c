"""The sections of docs/backbones.md are those of valid studies."""

import re

import pytest
import yaml

from weightscape.config.load import load_study


@pytest.fixture(scope="module")
def sections(project):
    blocks = re.findall(r"```yaml\n(.*?)```", (project / "docs/backbones.md").read_text(), flags=re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def test_each_section_can_be_copied_into_a_study(sections, project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    smoke = yaml.safe_load((project / "config/smoke.yaml").read_text())
    kinds = set()
    for section in sections:
        if path := section["backbone"].get("path"):
            (tmp_path / path).touch()
        study = load_study(smoke | section, "docs/backbones.md")
        kinds.add(study.backbone.name)
    assert kinds == {"efficientnet_lite0", "file", "scratch", "timm"}
    assert len(sections) == 7
