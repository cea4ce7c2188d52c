"""Verdicts over several studies: adjusted for all their claims, never bolder than a study's own, and counted."""

import numpy as np
import pandas as pd
import pytest

from weightscape.comparison.claims import agreement, compare_claims
from weightscape.comparison.page import agreement_sentence, study_sentences
from weightscape.comparison.studies import FinishedStudy, roles_that_differ, studies_table
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.preregistration import plan_record, plan_table


def claims(**columns) -> pd.DataFrame:
    """Return a claims table of one claim."""
    row = {
        "claim": "2a", "series": "", "title": "More diverse", "question": "Is it?", "statistic_name": "difference",
        "n_seeds": 8,
        "statistic": 1.0, "low": 0.5, "high": 1.5, "pvalue": 0.001, "pvalue_holm": 0.006, "verdict": "supported",
        "facts": "", "n_variants": 3, "n_same_verdict": 3,
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def finished(
    name: str,
    table: pd.DataFrame,
    backbone: str = "resnet18",
    doses: tuple[float, ...] = (0.1,),
    weights: str = "a1",
    amendments: tuple[str, ...] = (),
):
    config = {
        "claims": {"dropout": ["dropout"], "synthetic": [f"of_{backbone}"]},
        "conditions": {"dropout": {"doses": list(doses)}},
        "seeds": {"count": 8},
    }
    amended = {"amendments": list(amendments)} if amendments else {}
    registered = plan_record({**config, **amended, "conditions": {"dropout": {"doses": [0.1]}}})
    plan = plan_table(registered, plan_record({**config, **amended}))
    return FinishedStudy(name, f"Study {name}", backbone, weights, "mnist5k", 16, 8, table, plan)


def sentence(tables: dict[str, pd.DataFrame]) -> str:
    return agreement_sentence(agreement(compare_claims(tables))[0])


def test_p_values_are_adjusted_over_the_studies() -> None:
    pvalues = [0.001, 0.03, 0.04, np.nan]
    tables = {f"s{i}": claims(pvalue=p, pvalue_holm=p) for i, p in enumerate(pvalues)}
    compared = compare_claims(tables)
    np.testing.assert_allclose(compared["pvalue_studies"], holm(np.array(pvalues)))
    assert list(compared["verdict"]) == ["supported", "undetermined", "undetermined", "undetermined"]


def test_claims_of_all_studies_are_adjusted_together() -> None:
    both = pd.concat([claims(), claims(claim="2b", pvalue=0.02, verdict="supported")])
    compared = compare_claims({"a": both, "b": both})
    assert list(compared["claim"]) == ["2a", "2a", "2b", "2b"]
    assert list(compared["study"]) == ["a", "b", "a", "b"]
    np.testing.assert_allclose(compared["pvalue_studies"], [0.004, 0.004, 0.04, 0.04])
    more = compare_claims({"a": both, "b": both, "c": both})
    np.testing.assert_allclose(more["pvalue_studies"], [0.006] * 3 + [0.06] * 3)
    assert list(more["verdict"]) == ["supported"] * 3 + ["undetermined"] * 3


def test_a_study_that_is_undetermined_alone_stays_so_however_small_its_p() -> None:
    gated = claims(pvalue=1e-9, verdict="undetermined")
    assert list(compare_claims({"a": gated, "b": claims()})["verdict"]) == ["undetermined", "supported"]


def test_studies_that_measure_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match=r"claim 2a: .* difference \(a\), ratio \(b\)"):
        compare_claims({"a": claims(), "b": claims(statistic_name="ratio")})


def test_agreement_counts_verdicts_and_signs() -> None:
    tables = {
        "a": claims(),
        "b": claims(statistic=-1.0, verdict="contradicted"),
        "c": claims(statistic=0.1, pvalue=0.8, verdict="undetermined"),
        "d": claims(statistic=np.nan, pvalue=np.nan, verdict="undetermined"),
    }
    claim = agreement(compare_claims(tables))[0]
    names = ["n_studies", "n_estimated", "n_positive", "n_supported", "n_contradicted"]
    assert [getattr(claim, name) for name in names] == [4, 3, 2, 1, 1]


def test_the_sentence_of_a_claim_follows_the_studies() -> None:
    other = claims(statistic=-1.0, verdict="contradicted")
    nothing = claims(statistic=np.nan, pvalue=np.nan, verdict="undetermined")
    assert sentence({"a": claims(), "b": claims()}) == ("Supported in 2 of 2 studies; both estimates are positive.")
    assert sentence({"a": claims(), "b": other}) == (
        "Supported in 1 and contradicted in 1 of 2 studies; the estimate is positive in 1 of the 2 studies."
    )
    assert sentence({"a": other, "b": nothing}) == ("Contradicted in 1 of 2 studies; the only estimate is negative.")
    assert sentence({"a": nothing, "b": nothing}) == (
        "Undetermined in both studies; none of them could estimate the statistic."
    )


def test_studies_on_one_backbone_and_data_are_not_taken_for_a_replication() -> None:
    one, two, three = finished("a_1", claims()), finished("b", claims()), finished("c", claims(), "vit_tiny")
    sentences = study_sentences([one, two, three])
    assert sentences[0] == "3 studies with 48 training runs on 2 combinations of backbone and data."
    assert sentences[1].startswith("A 1 and b share a backbone and data (resnet18, mnist5k)")
    assert sentences[2] == "The studies' plans name different series or metrics for: synthetic."
    assert len(sentences) == 3
    assert study_sentences([one, three])[1:] == sentences[2:]
    others = study_sentences([one, finished("d", claims(), weights="b2")])
    assert others == ["2 studies with 32 training runs on 2 combinations of backbone and data."]


def test_a_plan_that_was_amended_is_named() -> None:
    amended = finished("late", claims(), amendments=("The dose was raised.",))
    assert study_sentences([finished("a", claims()), amended])[-1] == (
        "In late, the plan was amended after results had been seen: see its report."
    )
    assert list(studies_table([finished("a", claims()), amended])["plan_amended"]) == [False, True]


def test_a_plan_that_was_changed_is_named() -> None:
    changed = finished("late", claims(), doses=(0.1, 0.2))
    assert study_sentences([finished("a", claims()), changed])[-1] == (
        "In late, the plan was changed after registration."
    )
    table = studies_table([finished("a", claims()), changed])
    assert list(table["plan_changed"]) == [False, True]
    assert table["plan_hash"].nunique() == 2
    assert roles_that_differ([finished("a", claims()), changed]) == []
