"""Doses at which dropout, weight decay and diverse data move the weights equally far, from a pilot that it runs."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from weightscape.config.load import load_study
from weightscape.config.pilot import matched_series, pilot_config, rounded_dose
from weightscape.config.plan import plan_sections
from weightscape.config.study import Study
from weightscape.config.yaml_file import read_yaml
from weightscape.files import read_table, write_text
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.dose_matching import RULE, DoseMatch, dose_lengths, match_doses
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.features import fingerprints
from weightscape.statistics.plan import Plan
from weightscape.statistics.preregistration import plan_hash
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.tables import join_tables, one_baseline

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
FAMILY_NAMES = [family.name for family in FEATURE_FAMILIES]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("config", type=Path, help="config of the study, for example config/digits.yaml")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of the pilot (default: 4)")
    parser.add_argument(
        "--factors", type=float, nargs="+", default=FACTORS, metavar="FACTOR",
        help="the ladder: what the doses of the config are multiplied by (default: 0.25 0.5 1 2 4)",
    )  # fmt: skip
    parser.add_argument(
        "--family", choices=FAMILY_NAMES, default=FAMILY_NAMES[0],
        help=f"feature family on which lengths are compared (default: {FAMILY_NAMES[0]})",
    )  # fmt: skip
    parser.add_argument(
        "--accuracy-loss", type=float, default=0.05,
        help="largest share of the baseline's validation accuracy that a dose may cost (default: 0.05)",
    )  # fmt: skip
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="cores for the pilot (default: all)")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, FileNotFoundError
        If an argument or the config is not allowed, the pilot fails, or its ladder holds no doses of like length.
    """
    if arguments.seeds < MINIMUM_SEEDS:
        raise ValueError(f"--seeds {arguments.seeds}: at least {MINIMUM_SEEDS}")
    if not all(factor > 0 for factor in arguments.factors):
        raise ValueError(f"--factors {' '.join(map(str, arguments.factors))}: must be above 0")
    if not 0 < arguments.accuracy_loss < 1:
        raise ValueError(f"--accuracy-loss {arguments.accuracy_loss}: must lie between 0 and 1")
    if not Path("Snakefile").is_file():
        raise FileNotFoundError("no Snakefile here: run the command in the folder of the project")
    config = read_yaml(arguments.config)
    study = load_study(config, str(arguments.config))
    path = arguments.config.with_name(f"{arguments.config.stem}_pilot.yaml")
    pilot = pilot_config(config, study, arguments.seeds, arguments.factors)
    planned = load_study(pilot, str(path))
    write_text(
        f"# Written by: weightscape match-doses {arguments.config}\n{yaml.safe_dump(pilot, sort_keys=False)}", path
    )
    run_pilot(planned, path, arguments.cores)
    runs, spectra = read_pilot(planned)
    family = FEATURE_FAMILIES[FAMILY_NAMES.index(arguments.family)]
    plan = Plan.from_mapping(planned.claims.model_dump())
    prints = fingerprints(spectra, plan.metrics(family.name), of=family.of)
    series = {name: doses for name, doses in conditions_of_series(runs).items() if name in planned.series}
    lengths = dose_lengths(prints, runs, series, arguments.accuracy_loss)
    print(lengths.to_string(index=False, float_format="{:.3g}".format), end="\n\n")
    match = match_doses(lengths, (*plan.dropout, *plan.weight_decay))
    print(f"common length: {match.target:.3g} between-seed SDs of the family {family.name}", end="\n\n")
    print(match.doses.to_string(index=False, float_format="{:.3g}".format), end="\n\n")
    print(proposal(config, study, pilot, match, f"{family.name}: {RULE.format(share=arguments.accuracy_loss)}"))


def run_pilot(pilot: Study, path: Path, cores: int) -> None:
    """Train the pilot's runs and take their spectra, as far as they are not there yet."""
    targets = [str(file) for pair in _files(pilot) for file in pair]
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--configfile", str(path)]
    if subprocess.run([*command, "--quiet", "rules", "reason", "host", "--", *targets], check=False).returncode:
        raise ValueError(f"{path}: the pilot failed; Snakemake says why above, and the same command resumes it")


def read_pilot(pilot: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the runs and the spectra of a finished pilot, the baseline's replicates averaged."""
    files = zip(*_files(pilot), strict=True)
    runs, spectra = (
        one_baseline(kind, join_tables(kind, [read_table(file) for file in parts]))
        for kind, parts in zip(("runs", "spectra"), files, strict=True)
    )
    return runs, spectra


def _files(pilot: Study) -> list[tuple[Path, Path]]:
    """Return, per condition and block, its runs and its spectra."""
    folders = [
        Path("results", pilot.name, "runs", condition.name, f"block-{block}")
        for condition in pilot.conditions
        for block in pilot.blocks
    ]
    return [(folder / "runs.parquet", folder / "spectra.parquet") for folder in folders]


def proposal(config: Mapping[str, Any], study: Study, pilot: Mapping[str, Any], match: DoseMatch, rule: str) -> str:
    """Return the part of the config that the command proposes, as YAML: `pilot` and `conditions`."""
    found = match.doses.dropna(subset="dose").set_index("series")["dose"]
    conditions = {
        name: {**options, "doses": [rounded_dose(study.plain_series[name], found[name])]} if name in found else options
        for name, options in config["conditions"].items()
    }
    record = {"study": pilot["study"], "sha256": plan_hash(plan_sections(pilot)), "rule": rule}
    lines = ["pilot:", *(f"  {line}" for line in _block(record)), "conditions:"]
    lines += [f"  {name}: {_flow(options)}" for name, options in conditions.items()]
    unmatched = [name for name in matched_series(study) if name not in found]
    return "\n".join([*lines, *(f"# {name}: no dose of the ladder is usable" for name in unmatched)])


def _block(values: Mapping[str, Any]) -> list[str]:
    return yaml.safe_dump(dict(values), sort_keys=False, width=116, allow_unicode=True).splitlines()


def _flow(values: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(values), sort_keys=False, default_flow_style=True, width=1000).strip()
