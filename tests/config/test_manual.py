"""What is written down about the config is what the models say."""

import re

import jsonschema
import pytest
import yaml

from weightscape.config.manual import MANUAL, SCHEMA, manual_text, schema_text
from weightscape.generator.generator import GENERATORS
from weightscape.training.settings import TrainingSettings

UPDATE = "run `PYTHONPATH=workflow/scripts python -m weightscape.config.manual`"


def test_the_schema_file_is_up_to_date():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), UPDATE


def test_the_tables_of_the_manual_are_up_to_date():
    text = MANUAL.read_text(encoding="utf-8")
    assert manual_text(text) == text, UPDATE
    assert text.count("<!-- table:") == text.count("<!-- end -->") == 5 + len(GENERATORS.names())


def test_the_manuals_recipes_of_training_are_allowed():
    recipes = [
        yaml.safe_load(block)["training"]
        for block in re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
        if block.startswith("training:")
    ]
    assert len(recipes) == 3
    assert [TrainingSettings.model_validate(recipe).problem() for recipe in recipes] == [None] * 3


@pytest.mark.parametrize("study", ["digits", "smoke"])
def test_the_schema_accepts_the_studies_of_the_project_and_no_unknown_key(project, study):
    config = yaml.safe_load((project / f"config/{study}.yaml").read_text())
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(config, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config | {"conditons": {}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config | {"conditions": {"a": {"family": "dropout", "doses": [1.5]}}}, schema)
