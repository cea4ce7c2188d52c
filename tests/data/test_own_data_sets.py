"""Data sets of the user's: a Python file that makes a PyTorch Dataset, and a folder of Hugging Face's datasets."""

import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from weightscape.data.image_folder import read_image
from weightscape.data.pixels import as_square
from weightscape.data.source import SOURCES


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


SQUARES = """
    import numpy as np
    from torch.utils.data import Dataset

    class Squares(Dataset):
        classes = ["dark", "light"]

        def __init__(self, n, first=0):
            self.targets = [index % 2 for index in range(n)]
            self.first = first

        def __len__(self):
            return len(self.targets)

        def __getitem__(self, index):
            label = self.targets[index]
            return np.full((6, 6, 3), self.first + index + 100 * label, np.uint8), label

    def make_dataset(n=10):
        return Squares(n)

    def in_parts(n=10):
        return {"test": Squares(4, first=50), "train": Squares(n)}
"""


@pytest.fixture
def python(tmp_path):
    def make(text: str = SQUARES, **keys):
        (tmp_path / "my_data.py").write_text(textwrap.dedent(text))
        return SOURCES.parse({"name": "python", "file": str(tmp_path / "my_data.py"), **keys})

    return make


def test_a_data_set_of_a_python_file(python):
    entry = python(arguments={"n": 8})
    facts = entry.describe()
    assert facts.counts == {"all": 8}
    assert facts.class_names == ("dark", "light")
    assert facts.class_counts == {"all": [4, 4]}
    dataset = entry.load(6)
    assert dataset.labels.tolist() == [0, 1] * 4
    assert dataset.images[:, 0, 0, 0].tolist() == [0, 101, 2, 103, 4, 105, 6, 107]
    assert dataset.held_out is None


def test_parts_of_a_python_file_keep_test_images_for_testing(python):
    entry = python(function="in_parts")
    assert entry.describe().counts == {"train": 10, "test": 4}
    dataset = entry.load(8)
    assert dataset.held_out.tolist() == [False] * 10 + [True] * 4
    assert dataset.images[10, 0, 0, 0] == 50


def test_the_file_is_run_once_for_each_state_of_it_and_of_what_it_reads(python, tmp_path):
    count = f"open({str(tmp_path / 'calls')!r}, 'a').write('x')\n"
    (tmp_path / "numbers.txt").write_text("1")
    text = textwrap.dedent(SQUARES) + count
    entry = python(text, reads=[str(tmp_path / "numbers.txt")])
    for _ in range(3):
        assert SOURCES.parse(entry.given()).describe().counts == {"all": 10}
    assert (tmp_path / "calls").read_text() == "x"
    (tmp_path / "numbers.txt").write_text("12")
    SOURCES.parse(entry.given()).describe()
    assert (tmp_path / "calls").read_text() == "xx"
    assert entry.texts == (str(tmp_path / "my_data.py"),)
    assert entry.paths == (str(tmp_path / "numbers.txt"),)


def test_it_can_import_files_beside_it(python, tmp_path):
    (tmp_path / "beside_my_data.py").write_text("NAMES = ['a', 'b']\n")
    text = textwrap.dedent(SQUARES).replace('["dark", "light"]', "NAMES")
    assert python("from beside_my_data import NAMES\n" + text).describe().class_names == ("a", "b")


def test_two_calls_are_two_data_sets(python):
    few, many = python(arguments={"n": 4}), python(arguments={"n": 6})
    assert not few.is_same(many)
    assert few.is_same(python(arguments={"n": 4}))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("def make_dataset(", "def another(", "my_data.py, make_dataset: there is no function make_dataset"),
        ("return Squares(n)", "return {}['x']", "my_data.py, make_dataset: KeyError: 'x'"),
        ("return Squares(n)", "return {'val': Squares(n)}", "returned the parts val; allowed: train, and test"),
        ('classes = ["dark", "light"]', "", "make_dataset: the data set has no attribute classes"),
        ("import numpy as np", "import numpy as np)", "my_data.py, make_dataset: SyntaxError"),
    ],
)
def test_files_that_make_no_data_set_are_refused_before_any_job(python, old, new, problem):
    with pytest.raises(ValueError, match=problem) as caught:
        python(SQUARES.replace(old, new)).describe()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (
            "np.full((6, 6), 300.0), label",
            "image 0 of its all part: pixels of type float64 from 300 to 300; allowed: uint8",
        ),
        ("np.full((6, 6, 2), 1, np.uint8), label", r"an image of shape \(6, 6, 2\); allowed: \(height, width\)"),
        ("np.random.rand(6, 6), label", "image 0 of its all part: it is another one when it is read again"),
        ("1 / 0", "image 0 of its all part: ZeroDivisionError: division by zero"),
        ("np.zeros((6, 6)), 5", "its labels: labels must be in 0…1 for 2 classes"),
    ],
)
def test_images_and_labels_that_are_none_are_named(python, new, problem):
    text = SQUARES.replace("np.full((6, 6, 3), self.first + index + 100 * label, np.uint8), label", new)
    with pytest.raises(ValueError, match=problem):
        python(text).load(6)


def test_files_that_are_not_there_are_named(python, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such file"):
        python(reads=[str(tmp_path / "nowhere")]).describe()
    with pytest.raises(FileNotFoundError, match=r"other.py: no such file"):
        SOURCES.parse({"name": "python", "file": "other.py"}).describe()
    (tmp_path / "text.txt").touch()
    with pytest.raises(ValueError, match=r"is no Python file; allowed: a file that ends in .py"):
        SOURCES.parse({"name": "python", "file": str(tmp_path / "text.txt")}).describe()


def test_every_form_of_an_image_is_read_alike(tmp_path):
    import torch

    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    forms = [
        pixels,
        pixels / 255,
        (pixels / 255).astype(np.float32),
        torch.tensor(pixels).permute(2, 0, 1),
        torch.tensor(pixels).permute(2, 0, 1) / 255,
        Image.fromarray(pixels),
        np.concatenate([pixels, np.full((8, 8, 1), 255, np.uint8)], 2),
    ]
    for form in forms:
        np.testing.assert_array_equal(as_square(form, 8), pixels)
    grey = np.repeat(pixels[..., :1], 3, 2)
    for form in (pixels[..., 0], pixels[..., :1], torch.tensor(pixels[..., 0]), torch.tensor(pixels[None, ..., 0])):
        np.testing.assert_array_equal(as_square(form, 8), grey)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    np.testing.assert_array_equal(as_square(pixels, 5), read_image(tmp_path / "image.png", 5))


datasets = pytest.importorskip("datasets", reason="the package datasets is not installed (extra test)")


@pytest.fixture
def saved(tmp_path):
    """Write a data set with ``save_to_disk`` and return its source."""

    def make(parts: dict[str, tuple[list, list]], label_feature=None, **keys):
        features = datasets.Features(
            {"image": datasets.Image(), "label": label_feature or datasets.ClassLabel(names=["cat", "dog"])}
        )
        sets = {
            part: datasets.Dataset.from_dict({"image": images, "label": labels}, features=features)
            for part, (images, labels) in parts.items()
        }
        whole = sets["all"] if "all" in sets else datasets.DatasetDict(sets)
        whole.save_to_disk(str(tmp_path / "saved"))
        return SOURCES.parse({"name": "huggingface", "path": str(tmp_path / "saved"), **keys})

    return make


def pictures(n: int, seed: int = 0) -> list[Image.Image]:
    pixels = np.random.default_rng(seed).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
    return [Image.fromarray(image) for image in pixels]


def test_a_saved_data_set_without_parts(saved):
    images = pictures(6)
    entry = saved({"all": (images, [0, 1, 1, 0, 1, 1])})
    facts = entry.describe()
    assert (facts.counts, facts.class_names, facts.class_counts) == ({"all": 6}, ("cat", "dog"), {"all": [2, 4]})
    dataset = entry.load(8)
    np.testing.assert_array_equal(dataset.images, np.stack([np.asarray(image) for image in images]))
    assert dataset.labels.tolist() == [0, 1, 1, 0, 1, 1]
    assert dataset.held_out is None
    assert entry.paths == (entry.path,)


def test_a_split_for_validation_counts_as_training_images(saved):
    parts = {
        name: (pictures(n, n), [i % 2 for i in range(n)]) for name, n in (("train", 6), ("validation", 2), ("test", 4))
    }
    entry = saved(parts)
    assert entry.describe().counts == {"train": 8, "test": 4}
    assert entry.load(8).held_out.tolist() == [False] * 8 + [True] * 4


@pytest.mark.parametrize(("values", "names"), [(["b", "a", "b"], ("a", "b")), ([7, 3, 7], ("3", "7"))])
def test_labels_may_be_texts_or_numbers(saved, values, names):
    entry = saved({"all": (pictures(3), values)}, datasets.Value("string" if names[0] == "a" else "int64"))
    assert entry.describe().class_names == names
    assert entry.load(8).labels.tolist() == [1, 0, 1]


def test_facts_of_a_saved_data_set_are_found_once(saved, monkeypatch):
    entry = saved({"all": (pictures(6), [0, 1] * 3)})
    first = entry.describe()
    monkeypatch.delattr(datasets, "load_from_disk")
    assert SOURCES.parse(entry.given()).describe() == first


@pytest.mark.parametrize(
    ("parts", "keys", "problem"),
    [
        ({"all": [0, 1]}, {"image": "picture"}, "image = 'picture': there is no such column; allowed: image, label"),
        ({"all": [0, 1]}, {"image": "label"}, "image = 'label': the column holds ClassLabel; allowed: Image"),
        ({"all": [0, -1]}, {}, "image without a label in its all part"),
        ({"train": [0, 1], "extra": [0, 1]}, {}, "has a split 'extra'; allowed: train, validation, valid, val, test"),
        ({"validation": [0, 1]}, {}, "has no split train, but validation"),
    ],
)
def test_saved_data_sets_that_do_not_fit_are_refused(saved, parts, keys, problem):
    entry = saved({part: (pictures(len(labels)), labels) for part, labels in parts.items()}, **keys)
    with pytest.raises(ValueError, match=problem):
        entry.describe()


def test_a_label_of_test_images_only_is_refused(saved):
    parts = {"train": (pictures(2), ["a", "b"]), "test": (pictures(2), ["a", "c"])}
    with pytest.raises(ValueError, match="the label 'c' has images in its test part only"):
        saved(parts, datasets.Value("string")).describe()


def test_a_folder_that_is_no_saved_data_set_is_named(tmp_path):
    with pytest.raises(ValueError, match="is no data set of save_to_disk"):
        SOURCES.parse({"name": "huggingface", "path": str(tmp_path)}).describe()
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder"):
        SOURCES.parse({"name": "huggingface", "path": "nowhere"}).describe()


def test_without_the_package_one_line_says_which_one_it_is(tmp_path: Path, monkeypatch):
    from importlib.metadata import PackageNotFoundError

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("weightscape.data.sources.huggingface.version", missing)
    with pytest.raises(ValueError, match="needs the package datasets, which is not installed: pip install"):
        SOURCES.parse({"name": "huggingface", "path": str(tmp_path)}).describe()
