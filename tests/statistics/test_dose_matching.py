"""Doses of like length: read off a monotone curve, never beyond the ladder, never where accuracy is lost."""

import numpy as np
import pandas as pd
import pytest

from weightscape.statistics.dose_matching import MATCHED, NONE, STRONGER, WEAKER, dose_lengths, match_doses
from weightscape.statistics.features import fingerprints
from weightscape.statistics.series import conditions_of_series

LADDER = [0.25, 0.5, 1.0, 2.0]


def ladder(series, lengths, doses=LADDER, usable=True):
    return pd.DataFrame({"series": series, "dose": doses, "length": lengths, "usable": usable})


def matched(*ladders):
    match = match_doses(pd.concat(ladders, ignore_index=True), ["dropout", "weight_decay"])
    return match.target, match.doses.set_index("series")


def power(factor, exponent):
    return [factor * dose**exponent for dose in LADDER]


def test_power_laws_are_inverted_exactly():
    target, doses = matched(
        ladder("dropout", power(8, 1)), ladder("weight_decay", power(20, 2)), ladder("noise", power(5, 0.5))
    )
    assert target == pytest.approx(5 * 2**0.5)  # noise reaches least far
    assert doses["dose"].to_dict() == pytest.approx(
        {"dropout": target / 8, "weight_decay": (target / 20) ** 0.5, "noise": 2.0}
    )
    assert set(doses["outcome"]) == {MATCHED}
    assert doses["length"].tolist() == pytest.approx([target] * 3)


def test_a_series_out_of_reach_gets_its_nearest_dose_and_is_marked():
    target, doses = matched(
        ladder("dropout", power(8, 1)),
        ladder("weight_decay", power(8, 1)),
        ladder("weak", power(0.1, 1)),
        ladder("strong", power(1000, 1)),
    )
    assert target == pytest.approx(2.0)  # the weakest dose of the references, the nearest to `weak`
    assert doses.loc["weak", ["dose", "outcome"]].tolist() == [2.0, WEAKER]
    assert doses.loc["strong", ["dose", "outcome"]].tolist() == [0.25, STRONGER]


def test_a_ladder_that_steps_back_is_made_monotone():
    _, doses = matched(
        ladder("dropout", [1, 3, 2, 4]), ladder("weight_decay", power(2, 1)), ladder("noise", [1, 1, 1, 6**0.5])
    )
    assert doses.loc["dropout", "dose"] == pytest.approx(0.5)  # the lowest of the plateau at √(3 · 2)
    assert doses.loc["dropout", "length"] == pytest.approx(6**0.5)


def test_series_without_a_usable_dose():
    arguments = (ladder("dropout", power(8, 1)), ladder("weight_decay", power(8, 1)))
    _, doses = matched(*arguments, ladder("noise", power(8, 1), usable=False))
    assert doses.loc["noise", "outcome"] == NONE
    assert np.isnan(doses.loc["noise", "dose"])
    with pytest.raises(ValueError, match="no dose of dropout acts"):
        matched(ladder("dropout", power(8, 1), usable=False), arguments[1])


def test_references_without_a_common_length_are_refused():
    with pytest.raises(ValueError, match=r"dropout 2 to 16, weight_decay 250 to 2e\+03"):
        matched(ladder("dropout", power(8, 1)), ladder("weight_decay", power(1000, 1)))


def test_a_dose_that_wrecks_the_network_ends_the_usable_ladder(simulate_study):
    """Lengths are those of the fingerprints; a dose that costs accuracy, and all above it, are not used."""
    tables = simulate_study(strength={"dropout": 9.0, "affine": 0.0})
    runs = tables.runs.assign(final_validation_accuracy=0.9)
    runs.loc[runs["condition"] == "randaugment-5", "final_validation_accuracy"] = 0.84
    prints = fingerprints(tables.spectra, ("stable_rank", "entropy", "alpha"))
    lengths = dose_lengths(prints, runs, conditions_of_series(runs), 0.05).set_index(["series", "dose"])
    assert lengths["usable"].loc["dropout"].tolist() == [True, True]
    assert lengths["usable"].loc["randaugment"].tolist() == [False, False]
    assert not lengths.loc[("affine", 0.5), "acts"]
    assert not lengths.loc[("affine", 0.5), "usable"]
    assert dose_lengths(prints, runs, conditions_of_series(runs), 0.1)["usable"].sum() == lengths["acts"].sum()
    effect = prints.effects["dropout-0.1"]
    products = effect @ effect.T
    n = len(products)
    expected = np.sqrt((products.sum() - np.trace(products)) / (n * (n - 1)))
    assert lengths.loc[("dropout", 0.1), "length"] == pytest.approx(expected)
