"""The tables of diversity, and the script that writes them, on tiny networks."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from safetensors.torch import save_file

import measure_diversity
from weightscape.backbone_source import BACKBONES
from weightscape.diversity.curve import PARTS, parts_by_size
from weightscape.diversity.embedding import embed
from weightscape.diversity.prdc import manifold_metrics
from weightscape.diversity.rbf import median_bandwidth
from weightscape.diversity.table import MEASURES, RBF_ORDERS, Sets, diversity_tables
from weightscape.diversity.vendi import ORDERS, pixel_features, vendi_score
from weightscape.files import file_sha256, write_json
from weightscape.pretrained import load_backbone

CLASSES = ["cat", "cow", "dog"]


@pytest.fixture
def labels() -> Sets:
    return Sets(np.repeat([0, 2], 30), np.repeat([0, 2], 30), np.tile([0, 1, 2], 30))


@pytest.fixture
def features() -> Sets:
    rng = np.random.default_rng(4)
    return Sets(*(rng.standard_normal((n, 5)) + 1 for n in (60, 60, 90)))


def test_table_has_every_space_overall_and_by_class(features, labels):
    table, _ = diversity_tables({"pixel": features, "embedding": features}, labels, CLASSES, ("study", 0))
    assert list(table.columns) == ["space", "class_name", "n", *ORDERS, *MEASURES]
    assert table["class_name"].tolist() == ["all", "cat", "cow", "dog"] * 2
    assert table["n"].tolist() == [60, 30, 0, 30] * 2
    table = table.set_index(["space", "class_name"])
    assert table.loc[("embedding", "dog"), "vendi_2"] == vendi_score(features.seen[30:], 2)
    assert table.loc[("pixel", "all"), "vendi_inf"] == vendi_score(features.seen, np.inf)
    assert table.loc[("pixel", "cow")].drop("n").isna().all()
    assert table.loc[("pixel", "all")].notna().all()
    of_class = table.loc[("pixel", "dog")]
    assert of_class.drop("wvs_published").notna().all()
    expected = manifold_metrics(features.reference[2::3], features.seen[30:])
    assert {name: of_class[name] for name in vars(expected)} == vars(expected)


def test_a_set_that_is_its_original_has_weighted_scores_equal_to_its_vendi_score(features, labels):
    same = Sets(features.seen, features.seen, features.reference)
    row = diversity_tables({"pixel": same}, labels, CLASSES, ("study", 0))[0].iloc[0]
    assert row["wvs"] == pytest.approx(row["vendi_1"])
    assert row["wvs_published"] == pytest.approx(row["vendi_1"])
    other = diversity_tables({"pixel": features}, labels, CLASSES, ("study", 0))[0].iloc[0]
    assert other["wvs_published"] < other["wvs"] < other["vendi_1"]


def test_a_small_class_lacks_only_what_needs_neighbours(features):
    labels = Sets(np.repeat([0, 1], [57, 3]), np.repeat([0, 1], [57, 3]), np.repeat([0, 1], [80, 10]))
    row = diversity_tables({"pixel": features}, labels, ["cat", "cow"], ("study", 0))[0].iloc[2]
    missing = {name for name in row.index if pd.isna(row[name])}
    assert missing == {"wvs_published", "precision", "recall", "density", "coverage"}


def test_the_rbf_kernel_adds_its_scores_and_states_its_bandwidth(features, labels):
    table, curve = diversity_tables({"pixel": features}, labels, CLASSES, ("study", 0), ["cosine", "rbf"])
    assert list(table.columns) == ["space", "class_name", "n", *ORDERS, *RBF_ORDERS, *MEASURES, "rbf_bandwidth"]
    assert set(table["rbf_bandwidth"]) == {median_bandwidth(features.reference)}
    assert set(RBF_ORDERS) <= set(curve.columns)
    plain, _ = diversity_tables({"pixel": features}, labels, CLASSES, ("study", 0))
    pd.testing.assert_frame_equal(table[plain.columns], plain)


def test_curve_ends_at_the_score_of_the_whole_set_and_grows_with_the_number_of_images(features, labels):
    table, curve = diversity_tables({"pixel": features}, labels, CLASSES, ("study", 0))
    rows = curve[curve["class_name"] == "all"]
    assert rows["n"].tolist() == [16, 32, 60]
    assert rows["parts"].tolist() == [3, 1, 1]
    assert rows["vendi_1"].iloc[-1] == table["vendi_1"].iloc[0]
    assert rows["vendi_1"].is_monotonic_increasing
    assert curve.loc[curve["class_name"] == "dog", "n"].tolist() == [16, 30]
    assert "cow" not in set(curve["class_name"])


@pytest.mark.parametrize("n", [0, 1, 16, 17, 500])
def test_parts_are_disjoint_and_of_the_stated_size(n):
    order = np.random.default_rng(n).permutation(n)
    found = list(parts_by_size(n, order))
    assert len(found) == 0 if n == 0 else len(found[-1][0]) == n
    for parts in found:
        assert len(parts) <= PARTS
        assert len(set(map(len, parts))) == 1
        together = np.concatenate(parts)
        assert len(set(together)) == len(together)
        assert set(together) <= set(range(n))


def test_arrays_of_different_length_and_a_class_called_all_are_refused(features, labels):
    wrong = Sets(labels.seen, labels.originals, labels.reference[1:])
    with pytest.raises(ValueError, match=r"pixel: got \[60, 60, 90\] images .* and \[60, 60, 89\] labels"):
        diversity_tables({"pixel": features}, wrong, CLASSES, ("study", 0))
    with pytest.raises(ValueError, match='cannot be called "all"'):
        diversity_tables({"pixel": features}, labels, ["cat", "all", "dog"], ("study", 0))


@pytest.fixture
def job(tmp_path):
    """Return a function that runs the script on small images for a treatment."""
    rng = np.random.default_rng(0)
    for name, n in (("train", 60), ("test", 40)):
        np.save(tmp_path / f"{name}.npy", rng.integers(0, 256, (n, 16, 16, 3), dtype=np.uint8))
        np.save(tmp_path / f"{name}_labels.npy", np.arange(n) % 3)
    for seed, name in enumerate(("backbone", "other")):
        torch.manual_seed(seed)
        save_file(timm.create_model("test_resnet", num_classes=0).state_dict(), tmp_path / f"{name}.safetensors")
    network = load_backbone(BACKBONES.parse({"name": "scratch", "architecture": "test_resnet", "input_size": 32}))[1]
    write_json(network.to_json(), tmp_path / "network.json")
    write_json({"class_names": CLASSES}, tmp_path / "manifest.json")

    def run(folder: str, treatment: list[dict], encoders: tuple[str, ...] = (), kernels: tuple[str, ...] = ("cosine",)):
        columns = {"condition": folder, "series": folder, "family": "family", "dose": None}
        snakemake = SimpleNamespace(
            input=SimpleNamespace(
                description=tmp_path / "network.json",
                encoder_weights=[tmp_path / "backbone.safetensors", *[tmp_path / "other.safetensors"] * len(encoders)],
                encoder_descriptions=[tmp_path / "network.json"] * (1 + len(encoders)),
                manifest=tmp_path / "manifest.json",
                train_images=tmp_path / "train.npy", train_labels=tmp_path / "train_labels.npy",
                test_images=tmp_path / "test.npy", test_labels=tmp_path / "test_labels.npy",
            ),
            output=SimpleNamespace(**{name: tmp_path / folder / f"{name}.parquet" for name in ("table", "curve")}),
            params=SimpleNamespace(
                columns=columns, treatment=treatment, stream_seeds=[3, 4], seeds=[3, 4], study="tiny", device="cpu",
                n_images=48, batch_size=12, encoders=["embedding", *encoders], kernels=list(kernels),
            ),
            log=[tmp_path / "log"], rule="measure_diversity", threads=1,
        )  # fmt: skip
        measure_diversity.main(snakemake)
        return pd.read_parquet(snakemake.output.table), pd.read_parquet(snakemake.output.curve)

    return run


def test_script_measures_the_baseline_as_its_own_original(job, tmp_path):
    table, curve = job("baseline", [])
    rows = table[table["class_name"] == "all"].set_index(["seed", "space"])
    assert set(rows.index) == {(seed, space) for seed in (3, 4) for space in ("pixel", "embedding")}
    np.testing.assert_allclose(rows["wvs_published"], rows["vendi_1"])
    np.testing.assert_allclose(rows["wvs"], rows["vendi_1"])
    assert (curve.groupby(["seed", "space", "class_name"])["n"].max() <= 48).all()
    job("again", [])
    for name in ("table", "curve"):
        first, second = (pd.read_parquet(tmp_path / folder / f"{name}.parquet") for folder in ("baseline", "again"))
        names = ["condition", "series"]
        pd.testing.assert_frame_equal(first.drop(columns=names), second.drop(columns=names), check_exact=True)
    assert file_sha256(tmp_path / "baseline/curve.parquet") != file_sha256(tmp_path / "again/curve.parquet")


def test_noise_leaves_the_original_and_pairs_it_with_itself(job):
    """Noise changes each image a little: near its original in the published ρ, and less near another order."""
    table, _ = job("noise", [{"family": "noise", "dose": 0.05}])
    row = table[(table["class_name"] == "all") & (table["space"] == "pixel")].iloc[0]
    assert 0.9 < row["wvs_published"] / row["vendi_1"] < 1
    assert 0.9 < row["wvs"] / row["vendi_1"] < 1


def test_another_encoder_is_another_space_with_features_of_its_own(job, tmp_path):
    table, _ = job("baseline", [], encoders=("resnet_small",), kernels=("cosine", "rbf"))
    assert set(table["space"]) == {"pixel", "embedding", "resnet_small"}
    scores = table[(table["class_name"] == "all") & (table["seed"] == 3)].set_index("space")
    assert scores.loc["resnet_small", "vendi_1"] != scores.loc["embedding", "vendi_1"]
    assert scores["rbf_bandwidth"].nunique() == 3
    images = np.load(tmp_path / "test.npy")
    assert scores.loc["pixel", "rbf_bandwidth"] == pytest.approx(median_bandwidth(pixel_features(images)))
    network = measure_diversity.Encoder(tmp_path / "other.safetensors", tmp_path / "network.json", "cpu")
    expected = embed(network.model, images, [0.5] * 3, [0.5] * 3, 32)
    assert scores.loc["resnet_small", "rbf_bandwidth"] == pytest.approx(median_bandwidth(expected))
