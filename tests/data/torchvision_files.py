"""Data sets in the formats that torchvision reads, in miniature.

Each writer makes the files of one data set below a root and returns what they hold: for each part the images, as arrays
or for image files as plain colours, and their labels. Where torchvision compares the sum of a file, the writer puts the
sum of the miniature in the place of the published one: the reader itself stays as it is.
"""

import bz2
import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

Written = dict[str, tuple[np.ndarray, list[int]]]
"""By part: images, uint8 of shape (n, height, width[, 3]), and labels."""

WRITERS: dict[str, Callable[[Path, pytest.MonkeyPatch], Written]] = {}


def writes(*names: str) -> Callable:
    """Enter a writer, which is given the name too, for data sets of one format."""

    def enter(write: Callable) -> Callable:
        for name in names:
            WRITERS[name] = lambda root, patch, name=name: write(root, patch, name)
        return write

    return enter


def some(n: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def in_order(n: int, classes: int) -> list[int]:
    return [index % classes for index in range(n)]


def class_of(name: str) -> type:
    import torchvision.datasets

    return getattr(torchvision.datasets, name)


def sum_of(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()


def picture(file: Path, label: int, size: tuple[int, int] = (20, 16)) -> None:
    """Write an image of a colour of its own for the label."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour(label)).save(file)


def colour(label: int) -> tuple[int, int, int]:
    return (40 + 50 * (label % 5), 40 + 50 * (label // 5 % 5), 100)


def plain(labels: list[int]) -> np.ndarray:
    """The images that `picture` writes, of one pixel."""
    return np.array([[[colour(label)]] for label in labels], np.uint8)


@writes("CIFAR10", "CIFAR100")
def write_cifar(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:
    cls = class_of(name)
    folder = root / cls.base_folder
    folder.mkdir(parents=True)
    key, classes = ("labels", 10) if name == "CIFAR10" else ("fine_labels", 100)
    written: dict[str, list] = {"train": [], "test": []}
    for part, files in (("train", cls.train_list), ("test", cls.test_list)):
        for number, (file, _) in enumerate(files):
            n = classes if name == "CIFAR100" else 2 * classes
            images, labels = some(n, 32, 32, 3, seed=10 * number + (part == "test")), in_order(n, classes)
            data = images.transpose(0, 3, 1, 2).reshape(n, -1)
            (folder / file).write_bytes(pickle.dumps({"data": data, key: labels}))
            written[part].append((images, labels))
        patch.setattr(cls, f"{part}_list", [[file, sum_of(folder / file)] for file, _ in files])
    names = {cls.meta["key"]: [f"class {label}" for label in range(classes)]}
    (folder / cls.meta["filename"]).write_bytes(pickle.dumps(names))
    patch.setattr(cls, "meta", {**cls.meta, "md5": sum_of(folder / cls.meta["filename"])})
    return {
        part: (np.concatenate([images for images, _ in each]), [label for _, labels in each for label in labels])
        for part, each in written.items()
    }


def idx(array: np.ndarray) -> bytes:
    """Return an array in LeCun's format: zeros, the type's code, the number of axes, sizes, values; big-endian."""
    code = {"uint8": 0x08, "int32": 0x0C}[array.dtype.name]
    sizes = np.array(array.shape, ">i4").tobytes()
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@writes("MNIST", "FashionMNIST", "KMNIST", "QMNIST", "EMNIST balanced", "EMNIST digits", "EMNIST letters")
def write_idx(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    name, _, split = name.partition(" ")
    folder = root / name / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    classes = {"balanced": 47, "letters": 26}.get(split, 10)
    written = {}
    for part, seed in (("train", 1), ("test", 2)):
        n = (6 if name == "MNIST" else 2) * classes
        images, labels = some(n, 28, 28, seed=seed), in_order(n, classes)
        stem = {"QMNIST": f"qmnist-{part}", "EMNIST": f"emnist-{split}-{part}"}.get(
            name, "train" if part == "train" else "t10k"
        )
        stored = images.transpose(0, 2, 1) if name == "EMNIST" else images
        (folder / f"{stem}-images-idx3-ubyte").write_bytes(idx(np.ascontiguousarray(stored)))
        if name == "QMNIST":
            table = np.array([[label, *range(7)] for label in labels], np.int32)
            (folder / f"{stem}-labels-idx2-int").write_bytes(idx(table))
        else:
            numbers = np.array(labels, np.uint8) + (split == "letters")
            (folder / f"{stem}-labels-idx1-ubyte").write_bytes(idx(numbers.astype(np.uint8)))
        written[part] = images, labels
    return written


@writes("USPS")
def write_usps(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    root.mkdir(parents=True, exist_ok=True)
    written = {}
    for part, file in (("train", "usps.bz2"), ("test", "usps.t.bz2")):
        labels = in_order(20, 10)
        images = some(20, 16, 16, seed=len(file)) // 255 * 255
        values = (images.reshape(20, -1) / 127.5 - 1).astype(int)
        lines = [
            f"{label + 1} " + " ".join(f"{place}:{value}" for place, value in enumerate(row, 1))
            for label, row in zip(labels, values, strict=True)
        ]
        (root / file).write_bytes(bz2.compress("\n".join(lines).encode()))
        written[part] = images, labels
    return written


@writes("SEMEION")
def write_semeion(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:
    root.mkdir(parents=True, exist_ok=True)
    images, labels = some(20, 16, 16) // 128, in_order(20, 10)
    rows = np.hstack([images.reshape(20, -1), np.eye(10)[labels]])
    np.savetxt(root / "semeion.data", rows, fmt="%.4f")
    patch.setattr(class_of(name), "md5_checksum", sum_of(root / "semeion.data"))
    return {"all": (images * 255, labels)}


@writes("SVHN")
def write_svhn(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:
    root.mkdir(parents=True, exist_ok=True)
    written, files = {}, dict(class_of(name).split_list)
    for part in ("train", "test"):
        images, labels = some(20, 32, 32, 3, seed=len(part)), in_order(20, 10)
        file = root / f"{part}_32x32.mat"
        savemat(file, {"X": images.transpose(1, 2, 3, 0), "y": np.array([[label or 10] for label in labels])})
        files[part] = [*files[part][:2], sum_of(file)]
        written[part] = images, labels
    patch.setattr(class_of(name), "split_list", files)
    return written


@writes("STL10")
def write_stl10(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:
    folder = root / "stl10_binary"
    folder.mkdir(parents=True)
    written = {}
    (folder / "unlabeled_X.bin").write_bytes(b"")
    for part in ("train", "test"):
        images, labels = some(20, 96, 96, 3, seed=len(part)), in_order(20, 10)
        (folder / f"{part}_X.bin").write_bytes(images.transpose(0, 3, 2, 1).tobytes())  # columns first
        (folder / f"{part}_y.bin").write_bytes(bytes(label + 1 for label in labels))
        written[part] = images, labels
    (folder / "class_names.txt").write_text("".join(f"class {label}\n" for label in range(10)))
    cls = class_of(name)
    for key in ("train_list", "test_list"):
        patch.setattr(cls, key, [[file, sum_of(folder / file)] for file, _ in getattr(cls, key)])
    return written


@writes("GTSRB")
def write_gtsrb(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    folder = root / "gtsrb"
    labels = in_order(86, 43)
    for index, label in enumerate(labels):
        picture(folder / f"GTSRB/Training/{label:05d}/{index // 43:05d}.ppm", label)
        picture(folder / f"GTSRB/Final_Test/Images/{index:05d}.ppm", label)
    rows = [f"{index:05d}.ppm;{label}" for index, label in enumerate(labels)]
    (folder / "GT-final_test.csv").write_text("Filename;ClassId\n" + "\n".join(rows))
    return {"train": (plain(sorted(labels)), sorted(labels)), "test": (plain(labels), labels)}


@writes("EuroSAT", "Caltech101", "Caltech256")
def write_class_folders(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    folder = {
        "EuroSAT": root / "eurosat/2750",
        "Caltech101": root / "caltech101/101_ObjectCategories",
        "Caltech256": root / "caltech256/256_ObjectCategories",
    }[name]
    for label in range(3):
        for index in range(1, 5):
            inner = f"{label + 1:03d}.class" if name == "Caltech256" else f"class {label}"
            file = {"Caltech256": f"{label + 1:03d}_{index:04d}.jpg"}.get(name, f"image_{index:04d}.jpg")
            picture(folder / inner / file, label)
    if name == "Caltech101":
        picture(folder / "BACKGROUND_Google" / "image_0001.jpg", 7)
    labels = [label for label in range(3) for _ in range(4)]
    return {"all": (plain(labels), labels)}


@writes("DTD", "RenderedSST2", "Country211")
def write_three_parts(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    """Parts for training, validation and testing; the first two are for training."""
    classes = ("negative", "positive") if name == "RenderedSST2" else ("apes", "bees", "cats")
    written: dict[str, list[int]] = {"train": [], "test": []}
    for number, part in enumerate(("train", "val", "test")):
        lines = []
        for label, each in enumerate(classes):
            for index in range(number + 1):
                file = f"{each}_{part}_{index}.png"
                inner = "valid" if part == "val" else part
                if name == "DTD":
                    picture(root / "dtd/dtd/images" / each / file, label)
                    lines.append(f"{each}/{file}")
                else:
                    picture(
                        root / {"RenderedSST2": "rendered-sst2"}.get(name, "country211") / inner / each / file, label
                    )
                written["test" if part == "test" else "train"].append(label)
        if name == "DTD":
            (root / "dtd/dtd/labels").mkdir(parents=True, exist_ok=True)
            (root / f"dtd/dtd/labels/{part}1.txt").write_text("\n".join(lines))
    return {part: (plain(labels), labels) for part, labels in written.items()}


@writes("OxfordIIITPet")
def write_pets(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    folder = root / "oxford-iiit-pet"
    written = {}
    for part, n in (("trainval", 6), ("test", 4)):
        labels, lines = in_order(n, 2), []
        for index, label in enumerate(labels):
            stem = f"{('british_shorthair', 'pug')[label]}_{part}{index}"
            picture(folder / f"images/{stem}.jpg", label)
            lines.append(f"{stem} {label + 1} {label + 1} 1")
        (folder / "annotations").mkdir(exist_ok=True)
        (folder / f"annotations/{part}.txt").write_text("\n".join(lines))
        written["test" if part == "test" else "train"] = plain(labels), labels
    return written


@writes("Food101")
def write_food(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    written = {}
    for part in ("train", "test"):
        table = {dish: [f"{dish}/{part}{index}" for index in range(3)] for dish in ("tacos", "pho")}
        for dish, stems in table.items():
            for stem in stems:
                picture(root / f"food-101/images/{stem}.jpg", ("pho", "tacos").index(dish))
        (root / "food-101/meta").mkdir(exist_ok=True)
        (root / f"food-101/meta/{part}.json").write_text(json.dumps(table))
        written[part] = plain([1, 1, 1, 0, 0, 0]), [1, 1, 1, 0, 0, 0]
    return written


@writes("Imagenette")
def write_imagenette(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    for part in ("train", "val"):
        for label, wnid in enumerate(("n01440764", "n02102040")):
            for index in range(3):
                picture(root / f"imagenette2/{part}/{wnid}/{index}.jpeg", label)
    labels = [0, 0, 0, 1, 1, 1]
    return {"train": (plain(labels), labels), "test": (plain(labels), labels)}


@writes("Flowers102")
def write_flowers(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:
    folder = root / "flowers-102"
    labels = in_order(4 * 102, 102)
    for index, label in enumerate(labels, 1):
        picture(folder / f"jpg/image_{index:05d}.jpg", label)
    parts = {"trnid": range(1, 103), "valid": range(103, 205), "tstid": range(205, 409)}
    savemat(folder / "imagelabels.mat", {"labels": np.array(labels) + 1})
    savemat(folder / "setid.mat", {part: list(ids) for part, ids in parts.items()})
    cls = class_of(name)
    sums = {
        key: (file, sum_of(folder / file) if key != "image" else md5) for key, (file, md5) in cls._file_dict.items()
    }
    patch.setattr(cls, "_file_dict", sums)
    return {"train": (plain(labels[:204]), labels[:204]), "test": (plain(labels[204:]), labels[204:])}


@writes("StanfordCars")
def write_cars(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    folder = root / "stanford_cars"
    (folder / "devkit").mkdir(parents=True)
    models = ["AM General Hummer SUV 2000", "Ram C/V Cargo Van Minivan 2012", "smart fortwo Convertible 2012"]
    savemat(folder / "devkit/cars_meta.mat", {"class_names": np.array(models, object)})
    written = {}
    for part, file in (("train", "devkit/cars_train_annos.mat"), ("test", "cars_test_annos_withlabels.mat")):
        labels = in_order(9, 3)
        fields = [("bbox_x1", "i4"), ("class", "i4"), ("fname", "O")]
        rows = np.array([(1, label + 1, f"{index:05d}.jpg") for index, label in enumerate(labels)], fields)
        savemat(folder / file, {"annotations": rows})
        for index, label in enumerate(labels):
            picture(folder / f"cars_{part}/{index:05d}.jpg", label)
        written[part] = plain(labels), labels
    return written


@writes("FGVCAircraft")
def write_aircraft(root: Path, patch: pytest.MonkeyPatch, name: str) -> Written:  # noqa: ARG001
    folder = root / "fgvc-aircraft-2013b/data"
    variants = ["707-320", "DC-3", "F/A-18"]
    written = {}
    for part in ("trainval", "test"):
        labels, lines = in_order(6, 3), []
        for index, label in enumerate(labels):
            picture(folder / f"images/{part}{index}.jpg", label)
            lines.append(f"{part}{index} {variants[label]}")
        (folder / f"images_variant_{part}.txt").write_text("\n".join(lines))
        written["test" if part == "test" else "train"] = plain(labels), labels
    (folder / "variants.txt").write_text("\n".join(variants))
    return written
