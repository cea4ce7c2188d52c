"""Planning against statsmodels and against studies simulated from the truth; the command on a pilot's tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from statsmodels.stats.power import TTestPower

from weightscape.__main__ import main
from weightscape.files import read_table, write_table
from weightscape.statistics.all_claims import claims_of
from weightscape.statistics.claim import Finding
from weightscape.statistics.claims.synthetic_accuracy import SyntheticAccuracy
from weightscape.statistics.cross_validated import cross_validated_gram
from weightscape.statistics.facts import Case, NotInStudyError
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.planning import COLUMNS, seeds_table
from weightscape.statistics.power import (
    contrast_power,
    seeds_for_contrast,
    seeds_for_mean,
    standardised_effect,
    t_power,
    unbiased_means,
)
from weightscape.streams import stream
from weightscape.words.reasons import reason

PROJECT = Path(__file__).resolve().parents[2]


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
    with pytest.raises(NotInStudyError) as error:
        standardised_effect(float("nan"), 8)
    assert error.value.facts == Case("pilot could not test")


def effects(n, seeds, rng, size=1.3):
    truth = size * np.array([[1.0, 0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0, 0]])[:, None, None]
    noise = rng.normal(size=(4, n, seeds, 6)) * 0.5
    return truth + noise[:3] - noise[3]


def test_power_from_a_large_pilot_is_the_true_power():
    rng = stream("true power")
    pilot = effects(1, 60, rng)[:, 0]
    for seeds in (6, 10):
        true = contrast_studies(effects(1500, seeds, rng)).supported().mean()
        assert contrast_power(pilot, seeds, n_studies=1500) == pytest.approx(true, abs=0.12)
        assert 0.2 < true < 0.98


def test_power_grows_with_seeds_and_needs_more_at_a_stricter_level():
    pilot = effects(1, 8, stream("pilot"))[:, 0]
    assert contrast_power(pilot, 20) > contrast_power(pilot, 6)
    alone, strict = seeds_for_contrast(pilot), seeds_for_contrast(pilot, significance=0.001)
    assert alone is not None
    assert strict is None or strict > alone


def pilots(v, d, w, name, n=40, seeds=4, n_features=20):
    """Effects of pilots in units of one run's noise vector, which all share the baseline's."""
    noise = stream("pilots", name).normal(size=(4, n, seeds, n_features)) / np.sqrt(n_features)
    truth = np.zeros((3, 1, 1, n_features))
    truth[0, ..., :3], truth[1, ..., 0], truth[2, ..., 1] = v, d, w
    return np.moveaxis(truth + noise[:3] - noise[3], 1, 0)


@pytest.mark.parametrize(
    ("v", "d", "w"),
    [((0, 0, 0), 1, 4), ((0, 0, 0), 0, 4), ((0, 0, 0), 0, 0), ((0, 0, 1), 0, 4)],
    ids=["no diversity", "only weight decay", "nothing", "no dropout"],
)
def test_pilots_in_which_something_does_not_act_promise_nothing(v, d, w):
    """The baseline that all effects share must not give a direction to one that is not there."""
    promises = [promise(pilot) for pilot in pilots(v, d, w, f"{v} {d} {w}")]
    assert sum(promises) <= 4


def promise(pilot):
    """Return whether a number of seeds comes out."""
    try:
        return seeds_for_contrast(pilot) is not None
    except NotInStudyError:
        return False


def test_what_does_not_act_is_named():
    with pytest.raises(NotInStudyError) as error:
        seeds_for_contrast(pilots((0, 0, 6), 0, 6, "named", n=1)[0])
    assert error.value.facts == Case("pilot without effect", ("dropout",))


def test_planned_effects_have_the_cross_validated_inner_products():
    pilot = pilots((0.5, 0.5, 2), 2, 3, "gram", n=1, seeds=6)[0]
    means = unbiased_means(pilot)
    gram = cross_validated_gram(pilot)
    assert np.linalg.eigvalsh(gram)[0] > 0
    np.testing.assert_allclose(means @ means.T, gram)
    still = pilot - pilot.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(unbiased_means(still), 0, atol=1e-12)


def test_planned_effects_are_not_pulled_together_by_the_baseline():
    """Orthogonal effects: the pilots' means have inner products of 1/seeds, the planned ones about 0."""
    orthogonal = pilots((0, 0, 2), 2, 2, "orthogonal", n=300)
    planned = np.mean([(m := unbiased_means(pilot)) @ m.T for pilot in orthogonal], axis=0)
    observed = np.mean([(m := pilot.mean(axis=1)) @ m.T for pilot in orthogonal], axis=0)
    assert observed[0, 1] == pytest.approx(1 / 4, abs=0.1)
    assert abs(planned[0, 1]) < 0.1


def test_a_pilot_of_two_seeds_is_refused():
    with pytest.raises(NotInStudyError) as error:
        seeds_for_contrast(np.ones((3, 2, 4)))
    assert error.value.facts == Case("pilot too small", number=3)


def seeds(tables, plan):
    table = seeds_table(tables, plan)
    assert list(table.columns) == COLUMNS
    return table.assign(note=table["facts"].map(reason)).set_index("claim")


def test_table_of_a_pilot(simulate_study, plan):
    tables = simulate_study(seeds=4, ood={"synthetic": 0.5})
    table = seeds(tables, plan)
    assert list(table.index) == [claim.name for claim in claims_of(plan)]
    assert table.seeds_alone["1-shape"] <= table.seeds_holm["1-shape"]
    assert table.seeds_alone["2b"] <= 8
    assert "More conditions" in table.note["2d"]
    missing = seeds(replace(tables, runs=tables.runs[tables.runs["series"] != "dropout"]), plan)
    assert "no complete runs of dropout" in missing.note["1-shape"]


def test_a_pilot_without_effect_says_so(simulate_study, plan):
    table = seeds(simulate_study(seeds=4, strength={"dropout": 0.0, "weight_decay": 0.0}), plan)
    assert table.seeds_alone.isna()["1-shape"]
    assert table.note["1-shape"] == "The pilot does not show that dropout and weight decay act."


@pytest.mark.parametrize(("pvalue", "note"), [(0.02, ""), (0.2, "A rough guess"), (0.9, "More than 64 seeds.")])
def test_a_number_from_an_effect_within_its_error_is_called_a_guess(pvalue, note, simulate_study, plan, monkeypatch):
    found = Finding(4, "undetermined", Case("pilot could not test"), 0.1, 0.0, 0.2, pvalue)
    monkeypatch.setattr(SyntheticAccuracy, "judge", lambda *_: found)
    text = seeds(simulate_study(seeds=4), plan).note["2b"]
    assert text.startswith(note)
    assert bool(text) == bool(note)


def config_of(plan, folder):
    """Write the config of a pilot with the made-up study's series; return its path and the keys."""
    config = yaml.safe_load((PROJECT / "config" / "digits.yaml").read_text(encoding="utf-8"))
    doses = {
        "randaugment": [5, 9],
        "affine": [0.5],
        "synthetic": [0.5, 1.0],
        "dropout": [0.1, 0.2],
        "weight_decay": [0.3],
    }
    config["study"] = "pilot"
    config["conditions"]["affine"] = {"family": "augment", "policy": "affine"}
    config["conditions"] = {name: {**config["conditions"][name], "doses": found} for name, found in doses.items()}
    config["claims"] = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(plan).items()}
    path = folder / "pilot.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path, config


def test_command_prints_and_writes_the_table(simulate_study, plan, tmp_path, capsys):
    tables = simulate_study(seeds=4)
    folder = tmp_path / "results" / "pilot" / "tables"
    arguments = [str(config_of(plan, tmp_path)[0]), "--results", str(tmp_path / "results")]
    assert main(["plan-seeds", *arguments]) == 2
    assert "run the pilot study first" in capsys.readouterr().err
    for name in ("runs", "evaluation", "diversity", "spectra"):
        write_table(getattr(tables, name), folder / f"{name}.parquet")
    assert main(["plan-seeds", *arguments, "--power", "0.3", "--output", str(tmp_path / "seeds.parquet")]) == 0
    assert "1-shape" in capsys.readouterr().out
    assert list(read_table(tmp_path / "seeds.parquet").columns) == [*COLUMNS[:-1], "note"]
    write_table(tables.spectra.drop(columns="alpha"), folder / "spectra.parquet")
    assert main(["plan-seeds", *arguments]) == 2
    assert "has no metric alpha" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (None, [], "No such file"),
        ("a: [1", [], "not a YAML file"),
        ("", [], "allowed: a mapping with the keys of a study"),
        ("study: pilot", [], "lacks the key title"),
        ("shape", [], "claims.shape[0] = 'alphaa' (did you mean alpha?)"),
        ("dropout", [], "claims.dropout"),
        ("good", ["--output", "table.txt"], "must end in .csv or .parquet"),
        ("good", ["--power", "1.5"], "must lie between 0 and 1"),
    ],
)
def test_command_says_in_one_line_what_is_wrong_before_the_work(text, options, message, plan, tmp_path, capsys):
    path, config = config_of(plan, tmp_path)
    if text in ("shape", "dropout"):
        config["claims"][text] = ["alphaa"]
        text = yaml.safe_dump(config)
    if text is None:
        path.unlink()
    elif text != "good":
        path.write_text(text, encoding="utf-8")
    assert main(["plan-seeds", str(path), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_random_numbers_are_the_same_each_time():
    pilot = effects(1, 8, stream("pilot"))[:, 0]
    assert contrast_power(pilot, 8) == contrast_power(pilot, 8)
