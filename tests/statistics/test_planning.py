"""Planning against statsmodels and against studies simulated from the truth; the command on a pilot's tables."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

import plan_seeds
from weightscape.files import read_table, write_table
from weightscape.statistics.claims import claims_table
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.planning import (
    COLUMNS,
    contrast_power,
    seeds_for_contrast,
    seeds_for_mean,
    seeds_table,
    standardised_effect,
    t_power,
)
from weightscape.streams import stream


@pytest.mark.parametrize(("d_z", "seeds", "level"), [(0.5, 8, 0.05), (1.2, 5, 0.01), (0.0, 12, 0.05)])
def test_t_power_equals_statsmodels(d_z, seeds, level):
    assert t_power(d_z, seeds, level) == pytest.approx(TTestPower().power(d_z, seeds, level), abs=1e-9)


def test_seeds_for_a_mean_is_the_first_with_enough_power():
    needed = seeds_for_mean(1.0)
    exact = TTestPower().solve_power(1.0, power=0.8, alpha=0.05)
    assert needed == int(np.ceil(exact))
    assert seeds_for_mean(0.01) is None


def test_standardised_effect_undoes_the_p_of_a_t_test():
    sample = stream("d_z").normal(1, 1, size=6)
    d = sample.mean() / sample.std(ddof=1)
    from scipy import stats

    assert standardised_effect(stats.ttest_1samp(sample, 0).pvalue, 6) == pytest.approx(abs(d) * (1 - 3 / 19))
    with pytest.raises(NotInStudyError, match="could not test"):
        standardised_effect(float("nan"), 8)


def effects(n, seeds, rng, size=1.2):
    truth = size * np.array([[1.0, 0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0, 0]])[:, None, None]
    noise = rng.normal(size=(4, n, seeds, 6)) * 0.5
    return truth + noise[:3] - noise[3]


def test_power_from_a_large_pilot_is_the_true_power():
    rng = stream("true power")
    pilot = effects(1, 60, rng)[:, 0]
    for seeds in (6, 10):
        true = contrast_studies(*effects(1500, seeds, rng)).supported().mean()
        assert contrast_power(*pilot, seeds, n_studies=1500) == pytest.approx(true, abs=0.12)
        assert 0.2 < true < 0.98


def test_power_grows_with_seeds_and_needs_more_at_a_stricter_level():
    pilot = effects(1, 8, stream("pilot"))[:, 0]
    assert contrast_power(*pilot, 20) > contrast_power(*pilot, 6)
    alone, strict = seeds_for_contrast(*pilot), seeds_for_contrast(*pilot, significance=0.001)
    assert alone is not None
    assert strict is None or strict > alone


def test_a_pilot_in_which_nothing_acts_promises_nothing():
    noise = stream("no effect").normal(size=(3, 6, 5))
    still = noise - noise.mean(axis=1, keepdims=True)
    assert contrast_power(*still, 32) < 0.1
    assert seeds_for_contrast(*still) is None


def test_a_pilot_of_two_seeds_is_refused():
    with pytest.raises(NotInStudyError, match="3 seeds"):
        seeds_for_contrast(*np.ones((3, 2, 4)))


def test_table_of_a_pilot(simulate_study, plan):
    tables = simulate_study(seeds=4, ood={"synthetic": 0.5})
    claims = claims_table(*tables, plan)
    table = seeds_table(tables.runs, tables.spectra, claims, plan).set_index("claim")
    assert ["claim", *table.columns] == COLUMNS
    assert list(table.index) == list(claims.claim)
    assert table.seeds_alone["1-shape"] <= table.seeds_holm["1-shape"]
    assert table.seeds_alone["2b"] <= 8
    assert "more conditions" in table.note["2d"]
    missing = seeds_table(tables.runs[tables.runs["series"] != "dropout"], tables.spectra, claims, plan)
    assert "no complete runs of dropout" in missing.note[0]


def test_a_pilot_without_effect_says_so(simulate_study, plan):
    tables = simulate_study(seeds=4, strength={"dropout": 0.0, "weight_decay": 0.0})
    table = seeds_table(tables.runs, tables.spectra, claims_table(*tables, plan), plan).set_index("claim")
    assert table.seeds_alone.isna()["1-shape"]
    assert table.note["1-shape"] == "more than 64 seeds, or no effect in the pilot"


def test_command_prints_and_writes_the_table(simulate_study, plan, tmp_path, capsys):
    tables = simulate_study(seeds=4)
    folder = tmp_path / "results" / "pilot" / "tables"
    config = tmp_path / "pilot.yaml"
    config.write_text("study: pilot\nclaims: " + str({k: list(v) for k, v in vars(plan).items()}))
    arguments = [str(config), "--results", str(tmp_path / "results")]
    with pytest.raises(SystemExit):
        plan_seeds.main(arguments)
    assert "run the pilot study first" in capsys.readouterr().err
    for name, table in {"runs": tables.runs, "spectra": tables.spectra, "claims": claims_table(*tables, plan)}.items():
        write_table(table, folder / f"{name}.parquet")
    plan_seeds.main([*arguments, "--output", str(tmp_path / "seeds.parquet")])
    assert "1-shape" in capsys.readouterr().out
    assert list(read_table(tmp_path / "seeds.parquet").columns) == COLUMNS
    with pytest.raises(SystemExit):
        plan_seeds.main([*arguments, "--power", "1.5"])


def test_random_numbers_are_the_same_each_time():
    pilot = effects(1, 8, stream("pilot"))[:, 0]
    assert contrast_power(*pilot, 8) == contrast_power(*pilot, 8)
