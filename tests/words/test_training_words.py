"""How the runs of a study were trained, in words: every setting that is not the default is told."""

import pytest

from weightscape.training.settings import TrainingSettings
from weightscape.words.training import training_words

GIVEN = {"images": 512, "epochs": 8, "batch_size": 32, "optimizer": "adam", "learning_rate": 0.003}
TOLD = [
    ({"epochs": None, "steps": 4000}, "4,000 steps over 512 images"),
    ({"equal": "passes"}, "equal passes over each condition's own images"),
    ({"optimizer": "adamw"}, "adamw, learning rate 0.003"),
    ({"head_learning_rate": 0.02}, "of the classifier 0.02"),
    ({"weight_decay": 0.01}, "weight decay 0.01 in every run"),
    ({"schedule": "cosine"}, "cosine"),
    ({"schedule": "cosine", "warmup": 0.05}, "after a warm-up over 5 % of the steps"),
    ({"schedule": "step", "milestones": [0.25, 0.6]}, "divided by ten after 25 % and 60 % of the steps"),
    ({"micro_batches": 2}, "batches in 2 parts"),
    ({"clip_norm": 1.5}, "gradients of norm 1.5 at most"),
    ({"ema": 0.9}, "moving average of the weights with decay 0.9, which is what was evaluated and decomposed"),
    ({"train": "last_4"}, "trained layers: last 4"),
    ({"precision": "bfloat16"}, "bfloat16 in training"),
    ({"compile": True}, "compiled"),
]


@pytest.mark.parametrize(("changes", "words"), TOLD)
def test_what_is_not_the_default_is_told(changes, words):
    assert words in training_words(TrainingSettings(**(GIVEN | changes)))
    assert words not in training_words(TrainingSettings(**GIVEN))


def test_every_setting_is_told():
    told = {key for changes, _ in TOLD for key in changes} | set(GIVEN)
    assert told == set(TrainingSettings.model_fields) - {"device"}
