"""Sentences on how far to trust the verdicts: other analyses, controls, and the registered plan."""

import json
from typing import Any

import pandas as pd

from weightscape.report.verdicts import tally
from weightscape.statistics.claim import DECIDED
from weightscape.words.reasons import change_words, reason, subject_words
from weightscape.words.text import listing

OUTCOMES = ("passed", "failed", "undetermined")


def stability_sentences(robustness: pd.DataFrame) -> list[str]:
    """Say in how many other analyses of the decided claims the verdict is that of the planned one."""
    planned = robustness[robustness["kind"] == "plan"]
    decided = _tested(robustness) & set(planned.loc[planned["verdict"].isin(DECIDED), "claim"])
    others = robustness[(robustness["kind"] != "plan") & robustness["claim"].isin(decided)]
    if others.empty:
        return ["No claim that the planned analysis decides could be analysed in another way."]
    same, claims = int(others["same_verdict"].sum()), others["claim"].nunique()
    return [
        f"The verdict is that of the planned analysis in {same} of {len(others)} other analyses of the {claims} "
        f"claim{'s' * (claims != 1)} that it decides. Each is judged by its own p, without adjustment for other claims."
    ]


def _tested(robustness: pd.DataFrame) -> set[str]:
    """Return the claims whose planned analysis has a statistic."""
    planned = robustness[robustness["kind"] == "plan"]
    return set(planned.loc[planned["statistic"].notna(), "claim"])


def stability_points(robustness: pd.DataFrame) -> list[str]:
    """Name, for each claim, the analyses that reach another verdict than the planned one."""
    points = []
    for claim, rows in robustness.groupby("claim", sort=False):
        planned = rows.loc[rows["kind"] == "plan", "verdict"].iloc[0]
        others = rows[rows["kind"] != "plan"]
        if claim not in _tested(robustness):
            points.append(f"Claim {claim} could not be tested.")
            continue
        text = f"Claim {claim}: {planned} in the planned analysis"
        if others.empty:
            points.append(f"{text}; no other analysis is possible.")
            continue
        if planned in DECIDED:
            text += f" and in {int(others['same_verdict'].sum())} of {len(others)} others"
        if unknown := int(others["statistic"].isna().sum()):
            text += f" ({unknown} without an estimate)"
        different = others[~others["same_verdict"].astype(bool)]
        for verdict, rows_of_verdict in different.groupby("verdict", sort=True):
            text += f"; {verdict} under {listing([f'“{change_words(facts)}”' for facts in rows_of_verdict['facts']])}"
        points.append(f"{text}.")
    return points


def judgement_sentences(controls: pd.DataFrame) -> list[str]:
    """Say how many controls passed.

    Raises
    ------
    ValueError
        If an outcome is none of passed, failed, undetermined.
    """
    if controls.empty:
        return ["No control could be judged."]
    return [tally(list(controls["outcome"]), OUTCOMES, "automatic control")]


def judgement_points(controls: pd.DataFrame) -> list[str]:
    """Name each control that failed, with the reason, and in one more point those that are undetermined."""
    failed, unknown = (controls[controls["outcome"] == outcome] for outcome in ("failed", "undetermined"))
    points = [f"Failed ({_kind(row)}): {reason(str(row.facts))}" for row in failed.itertuples()]
    if len(unknown):
        named = [f"{subject_words(str(row.facts))} ({_kind(row)})" for row in unknown.itertuples()]
        points.append(f"Undetermined: {'; '.join(named)}.")
    return points


def _kind(row: Any) -> str:
    return f"{row.control}, {row.feature_family}" if row.feature_family else str(row.control)


def plan_sentences(plan: pd.DataFrame) -> list[str]:
    """Say whether the analysis is the registered one, and give the hash."""
    total = plan[plan["item"] == "hash"].iloc[0]
    items = plan[plan["item"] != "hash"]
    registered = (
        f"The plan, {len(items)} items that fix claims, conditions, seeds, data, network, training and analysis, was "
        f"registered before the first run. Its SHA-256 sum is {total['registered']}."
    )
    changed = int(items["changed"].sum())
    if not total["changed"]:
        return [registered, "It has not been changed since."]
    return [
        registered,
        f"After registration, {changed} of its items {'was' if changed == 1 else 'were'} changed; the plan of this "
        f"analysis has the sum {total['current']}. Results that depend on a change are exploratory.",
    ]


def amendments(plan: pd.DataFrame, version: str = "current") -> list[str]:
    """Return what the registered or current config says was changed after results had been seen, a sentence each."""
    rows = plan[plan["item"] == "amendments"]
    return [sentence for text in rows[version] if text for sentence in json.loads(text)]


def plan_points(plan: pd.DataFrame) -> list[str]:
    """Name each amendment, and each item of the plan that was changed after the registration."""
    rows = plan[plan["changed"].astype(bool) & (plan["item"] != "hash")]
    before = amendments(plan, "registered")
    named = {sentence: "before" if sentence in before else "after" for sentence in amendments(plan)}
    return [f"Amended {when} registration: {sentence}" for sentence, when in named.items()] + [
        f"{row.item}: registered {row.registered or 'nothing'}, now {row.current or 'nothing'}"
        for row in rows.itertuples()
    ]


def plan_warning(plan: pd.DataFrame) -> list[str]:
    """Return sentences for the head of the report if the plan was amended or changed, else none."""
    changed = plan[plan["changed"].astype(bool) & (plan["item"] != "hash")]
    sentences = amendments(plan)
    if sentences:
        sentences[0] = f"The plan was amended after an earlier run had been seen: {sentences[0]}"
    if len(changed):
        items = ", ".join(str(item) for item in changed["item"])
        sentences.append(f"The plan was changed after registration ({items}): see the section on the plan.")
    return sentences
