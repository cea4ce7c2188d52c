# Weightscape: from pre-trained weights to a verdict on how data diversity shapes them.
# The study is one YAML file: `snakemake` runs config/digits.yaml, `--configfile config/<other>.yaml` another one.
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

# A config file that is given stands alone: nothing of the default study is mixed into it.
if not workflow.configfiles:

    configfile: Path(workflow.current_basedir) / "config/digits.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/backbone.smk"
include: "workflow/rules/generator.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/diversity.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


rule all:
    default_target: True
    input:
        f"{RESULTS}/report.html",
        f"{RESULTS}/summary.md",
