"""Provenance: what the report says of cost and versions."""

import re

from weightscape.report.provenance import git, provenance, rule_costs


def test_costs_are_summed_per_rule_over_the_jobs_of_the_study(tmp_path):
    header = "s\th:m:s\tmax_rss\tcpu_time\n"
    (tmp_path / "finetune").mkdir()
    (tmp_path / "finetune/baseline-0.tsv").write_text(header + "10.5\t0:00:10\t900.0\t9.0\n")
    (tmp_path / "finetune/noise-0.tsv").write_text(header + "2.5\t0:00:02\t950.5\t2.0\n")
    (tmp_path / "evaluate.tsv").write_text(header + "0.2\t0:00:00\tNA\tNA\n")
    (tmp_path / "finetune/gone-0.tsv").write_text(header + "99.0\t0:01:39\t9999.0\t99.0\n")
    names = ("finetune/baseline-0", "finetune/noise-0", "evaluate", "not_run")
    assert rule_costs(tmp_path, [str(tmp_path / f"{name}.tsv") for name in names]) == {
        "finetune": {"jobs": 2, "wall_seconds": 13.0, "cpu_seconds": 11.0, "peak_memory_mib": 950.5},
        "evaluate": {"jobs": 1, "wall_seconds": 0.2, "cpu_seconds": 0.0, "peak_memory_mib": 0.0},
    }


def test_the_hash_follows_the_config_and_not_its_order(tmp_path):
    first = provenance({"a": 1, "b": [1, 2]}, tmp_path, [])
    assert first["config_sha256"] == provenance({"b": [1, 2], "a": 1}, tmp_path, [])["config_sha256"]
    assert first["config_sha256"] != provenance({"a": 1, "b": [2, 1]}, tmp_path, [])["config_sha256"]
    assert first["versions"]["numpy"].count(".") == 2


def test_the_cost_of_every_rule_before_the_report_is_counted(project):
    rules = project / "workflow/rules"
    named = re.findall(r"^ *rule (\w+):$", "\n".join(path.read_text() for path in rules.glob("*.smk")), re.MULTILINE)
    report = (rules / "report.smk").read_text()
    forgotten = {name for name in named if f"rules.{name}.benchmark" not in report}
    assert forgotten == {"provenance", "write_report"}


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git("rev-parse", "HEAD", folder=tmp_path) is None
