"""A claim from outside the package: with its class and a line in `CLAIMS` it is in every table that lists claims."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from weightscape.statistics import all_claims
from weightscape.statistics.accuracies import accuracies
from weightscape.statistics.claim import Claim, Variant
from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.facts import Change, Name
from weightscape.statistics.planning import seeds_table
from weightscape.statistics.preregistration import plan_record
from weightscape.statistics.series import series_means
from weightscape.statistics.study import analyse_study
from weightscape.words.reasons import change_words, claim_question, claim_reason, reason

PROJECT = Path(__file__).resolve().parents[2]
METRICS = "the plan's metrics"


class DropoutHelps(Claim):
    name = "3"
    title = "Dropout helps on the test set"
    question = "Is accuracy on the test set higher with dropout than with weight decay?"
    statistic_name = "difference of accuracies"
    roles = ("dropout", "weight_decay")

    def judge(self, tables, plan):
        means = series_means(accuracies(tables.evaluation, "test"), plan.series_of(self.roles), tables.series)
        difference = means[list(plan.dropout)].mean(axis=1) - means[list(plan.weight_decay)].mean(axis=1)
        return self.judged(mean_estimate(difference.to_numpy()), len(means))

    def variants(self, tables, plan):
        for name in plan.weight_decay:
            without = replace(plan, weight_decay=tuple(other for other in plan.weight_decay if other != name))
            yield Variant("series", Change("without {}", Name("series", name)), partial(self.judge, tables, without))


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(all_claims, "CLAIMS", (*all_claims.CLAIMS, DropoutHelps()))


@pytest.mark.usefixtures("toy")
def test_a_claim_is_in_the_tables_of_claims_and_of_robustness(study_tables, plan):
    results = analyse_study(study_tables, plan)
    claims = results.claims.set_index("claim")
    assert list(claims.index)[-5:] == ["2a", "2b", "2c", "2d", "3"]
    assert claims.group["3"] == "secondary"
    secondary = claims[claims.group == "secondary"]
    assert len(secondary) == 8
    assert secondary.pvalue_holm.min() == pytest.approx(8 * secondary.pvalue.min())
    row = results.claims.iloc[-1]
    assert (row.title, row.question) == (DropoutHelps.title, claim_question("3", plan))
    assert claim_reason(row).startswith("The difference of accuracies is ")
    assert row.n_variants == 1
    assert pd.isna(row.n_same_verdict)
    assert "other analyses" not in claim_reason(row)
    rows = results.robustness[results.robustness["claim"] == "3"]
    assert list(rows.variant) == ["as planned", "without weight_decay"]
    assert [change_words(facts) for facts in rows.facts] == ["as planned", "without weight decay"]
    assert reason(rows.facts.iloc[1]) == "The study's plan names no series for this claim."


@pytest.mark.usefixtures("toy")
def test_a_claim_has_a_number_of_seeds_and_counts_in_holms_level(study_tables, plan):
    seeds = seeds_table(study_tables, plan).set_index("claim")
    assert list(seeds.index)[-1] == "3"
    assert seeds.facts["3"] or seeds.seeds_alone["3"] > 0


@pytest.mark.usefixtures("toy")
def test_a_claim_changes_the_plan_that_is_registered():
    assert plan_record({})["analysis"]["claims"]["secondary"][-1] == "3"


def test_the_docs_have_every_claim(plan):
    """Write the rows that are missing here into docs/statistics.md; claim 1 on a series is asked as on all."""
    text = (PROJECT / "docs" / "statistics.md").read_text(encoding="utf-8")
    table = text.partition("<!-- claims: start -->\n")[2].partition("<!-- claims: end -->")[0]
    assert table.splitlines()[2:] == [
        f"| {claim.name}: {claim.title} | {claim.question.format(metrics=METRICS)} | {claim.statistic_name} "
        f"| {', '.join(f'`{role}`' for role in claim.roles) or 'all that change the data'} |"
        for claim in all_claims.claims_of(plan)
        if not claim.series
    ]
