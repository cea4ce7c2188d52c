"""The paper's published WeightWatcher tables, read in place of weights, satisfy WeightWatcher's identities."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from weightscape.spectra.published import read_weightwatcher

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "published-spectra"
TABLES = sorted(FOLDER.glob("*/ww-df/*.csv"))


@pytest.fixture(scope="module", params=["the paper's", "one made here"])
def published(request, weightwatcher, tmp_path_factory) -> pd.DataFrame:
    """Return the layers of the paper's tables, or of one that WeightWatcher writes of random weights."""
    if request.param == "the paper's":
        if not TABLES:
            pytest.skip(f"the published tables are not in {FOLDER}")
        return pd.concat([read_weightwatcher(path) for path in TABLES], ignore_index=True)
    generator = np.random.default_rng(0)
    weights = {f"layer{n}": generator.standard_t(3, size=(2 * n, n)).astype(np.float32) for n in (60, 80, 100)}
    path = tmp_path_factory.mktemp("published") / "details.csv"
    weightwatcher(weights, mp_fit=True).reset_index().to_csv(path, index=False)
    return read_weightwatcher(path)


def test_identities_hold_in_every_published_table(published):
    fitted = published[published["alpha"].notna()]
    assert len(fitted) >= 3
    alpha = fitted["alpha"]
    close = {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(fitted["alpha_weighted"], alpha * np.log10(fitted["spectral_norm"]), **close)
    np.testing.assert_allclose(fitted["log_norm"], np.log10(fitted["norm"]), **close)
    np.testing.assert_allclose(fitted["stable_rank"], fitted["norm"] / fitted["spectral_norm"], **close)
    np.testing.assert_allclose(fitted["lambda_max"], fitted["sv_max"] ** 2, rtol=1e-3)
    np.testing.assert_allclose(fitted["Q"], fitted["N"].astype(float) / fitted["M"].astype(float))
    # With tied or clipped eigenvalues num_pl_spikes may exceed the n of the fit, never fall below it.
    n = ((alpha - 1) / fitted["sigma"]) ** 2
    np.testing.assert_allclose(n, fitted["num_pl_spikes"].astype(float), rtol=1e-4)


def test_edges_and_scale_of_the_published_fits_agree(published):
    fitted = published[published["sigma_mp"].notna() & (published["W_scale"] > 0)]
    assert len(fitted) >= 3
    edge = (fitted["sigma_mp"] * (1 + 1 / np.sqrt(fitted["Q"]))) ** 2 / fitted["W_scale"] ** 2
    np.testing.assert_allclose(fitted["bulk_max"], edge, rtol=1e-5)
    np.testing.assert_allclose(fitted["mp_softrank"], fitted["bulk_max"] / fitted["lambda_max"], rtol=1e-4)
    np.testing.assert_allclose(
        fitted["W_scale"], np.sqrt(fitted["num_evals"].astype(float) / fitted["norm"]), rtol=1e-4
    )


def test_failed_fits_are_missing_and_named(tmp_path):
    details = pd.DataFrame(
        {
            **{"longname": ["a", "b"], "alpha": [2.5, -1.0], "D": [0.1, -1.0], "xmin": [0.3, -1.0]},
            **{"norm": [3.0, 2.0], "spectral_norm": [1.0, 1.0], "stable_rank": [3.0, 2.0], "entropy": [0.9, 0.8]},
            **{"status": ["success", "failed"], "warning": ["", None], "num_pl_spikes": [12, -1]},
        }
    )
    details.to_csv(tmp_path / "details.csv", index=False)
    table = read_weightwatcher(tmp_path / "details.csv")
    assert table["status"].tolist() == ["success", "power law: failed"]
    assert table["alpha"].isna().tolist() == [False, True]
    assert table["num_pl_spikes"].isna().tolist() == [False, True]
    assert table["entropy_ww"].tolist() == [0.9, 0.8]
    details.drop(columns=["D", "norm"]).to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(ValueError, match="no column D, norm"):
        read_weightwatcher(tmp_path / "other.csv")
