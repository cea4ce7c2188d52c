"""Each kind of thing that a study can name is one module: here one of each kind is added from outside and used.

The modules lie in a folder of the test. In a process of its own they are put on the packages' paths, a study that names
all of them is loaded, and each is used as the rules use it.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

ENTRIES = {
    "data/sources": """
        from typing import Literal
        import numpy as np
        from weightscape.data.imageset import ImageSet
        from weightscape.data.source import Source, SourceFacts

        class Squares(Source):
            \"\"\"Grey squares.\"\"\"
            name: Literal["toy"]
            count: int
            \"\"\"number of images\"\"\"

            def describe(self):
                return SourceFacts({"all": self.count}, ("dark", "light"))

            def load(self, image_size):
                labels = np.arange(self.count) % 2
                noise = np.random.default_rng(0).integers(0, 50, (self.count, image_size, image_size, 3))
                images = (noise + 150 * labels[:, None, None, None]).astype(np.uint8)
                return ImageSet(images, labels.astype(np.int64), ("dark", "light"))
    """,
    "data/corruptions": """
        from typing import ClassVar, Literal
        from weightscape.data.corruption import Corruption

        class Darker(Corruption):
            strengths: ClassVar = (0.9, 0.8, 0.7, 0.6, 0.5)
            name: Literal["toy"]

            def apply(self, image, strength, rng):
                return strength * image
    """,
    "training/families": """
        from typing import Annotated, ClassVar, Literal
        from weightscape.section import Range
        from weightscape.training.intervention import Intervention

        class Fewer(Intervention):
            \"\"\"Fewer steps.\"\"\"
            roles: ClassVar = frozenset({"dropout"})
            family: Literal["toy"]
            dose: Annotated[int, Range(1, 5, integer=True)]
            \"\"\"steps left out\"\"\"

            def steps(self, steps):
                return steps - self.dose
    """,
    "training/policies": """
        from typing import Annotated, Literal
        from weightscape.section import Range
        from weightscape.training.intervention import Augmentation

        class Invert(Augmentation):
            \"\"\"Inverted images.\"\"\"
            family: Literal["augment"]
            policy: Literal["toy"]
            dose: Annotated[float, Range(0, 1)]
            \"\"\"share\"\"\"

            def transform(self):
                return lambda image: 255 - image
    """,
    "generator/kinds": """
        from typing import Literal
        import numpy as np
        from weightscape.generator.generator import Generator

        class Flat(Generator):
            \"\"\"Flat images.\"\"\"
            kind: Literal["toy"]

            def problem(self, task):
                return None

            def load(self, trained, task):
                return lambda batch: np.full((len(batch.labels), 8, 8, 1), 0.5)
    """,
    "backbones": """
        from typing import Literal
        from weightscape.backbone_source import Backbone

        class Tiny(Backbone):
            \"\"\"A small network with random weights.\"\"\"
            name: Literal["toy"]

            def weights(self):
                import timm
                return "test_resnet", timm.create_model("test_resnet", num_classes=3).state_dict()
    """,
}
USE = """
import importlib, json, sys
for package in PACKAGES:
    module = importlib.import_module(f"weightscape.{package.replace('/', '.')}")
    module.__path__.append(f"{FOLDER}/{package}")

from weightscape.pretrained import load_backbone
from weightscape.config.load import read_study
from weightscape.data.corruption import CORRUPTIONS, corrupt
from weightscape.generator.sampling import load_generator, sample_images
from weightscape.training.intervention import augment_batch, parse_treatment

study = read_study(f"{FOLDER}/mine.yaml")
images = study.data.source.load(8)
conditions = {condition.name: condition for condition in study.conditions}
policy = parse_treatment(conditions["inverted-1"].settings())
task = study.generator_task("")
draw = load_generator(study.generator, None, task)
pool = sample_images(draw, task, study.pools["guidance-1.5"], 4, range(6)).images
print(json.dumps({
    "images": len(images),
    "corrupted": float(corrupt(images.images, "toy", 5, "study").mean() / images.images.mean()),
    "steps": conditions["fewer-2"].treatment[0].steps(12),
    "label": conditions["fewer-2"].described()["dose_label"],
    "inverted": bool((augment_batch(images.images, policy, "s") == 255 - images.images).all()),
    "pool": list(pool.shape),
    "backbone": load_backbone(study.backbone)[1].architecture,
    "modules": sorted({study.data.source.module, study.backbone.module, study.generator.module,
                       *conditions["fewer-2"].modules, *conditions["inverted-1"].modules, CORRUPTIONS.module("toy")}),
}))
"""


@pytest.fixture
def folder(project: Path, tmp_path: Path) -> Path:
    """The modules, and a study that names them."""
    for package, text in ENTRIES.items():
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "toy.py").write_text(textwrap.dedent(text))
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    study |= {"study": "mine", "backbone": {"name": "toy"}, "generator": {"kind": "toy", "images": 100}}
    study["data"] |= {
        "source": {"name": "toy", "count": 1000}, "ood": [],
        "corruptions": {"kinds": ["toy"], "severities": [1, 5], "images": 10},
    }  # fmt: skip
    study["conditions"] |= {
        "fewer": {"family": "toy", "doses": [2]},
        "inverted": {"family": "augment", "policy": "toy", "doses": [1.0]},
    }
    study["claims"] |= {"dropout": ["dropout", "fewer"], "augmentation": ["inverted"]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    return tmp_path


def run(project: Path, folder: Path) -> subprocess.CompletedProcess:
    code = f"PACKAGES, FOLDER = {list(ENTRIES)!r}, {str(folder)!r}\n{USE}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=project / "workflow/scripts", capture_output=True, text=True, check=False
    )


def test_one_entry_of_each_kind_is_used_without_a_change_of_the_project(project, folder):
    finished = run(project, folder)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == {
        "images": 1000,
        "corrupted": pytest.approx(0.5, abs=0.01),
        "steps": 10,
        "label": "steps left out",
        "inverted": True,
        "pool": [6, 32, 32, 3],
        "backbone": "test_resnet",
        "modules": [
            "weightscape.backbones.toy", "weightscape.data.corruptions.toy", "weightscape.data.sources.toy",
            "weightscape.generator.kinds.toy", "weightscape.training.families.toy", "weightscape.training.policies.toy",
        ],
    }  # fmt: skip


def test_its_own_limits_are_checked_with_the_rest_of_the_config(project, folder):
    text = (folder / "mine.yaml").read_text()
    (folder / "mine.yaml").write_text(text.replace("doses:\n    - 2\n", "doses:\n    - 6\n"))
    finished = run(project, folder)
    assert "conditions.fewer.doses[0] = 6: steps left out must be a whole number in [1, 5]" in finished.stderr
