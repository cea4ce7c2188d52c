"""One HTML page that shows all layers of a model at a glance."""

import html

import numpy as np
import pandas as pd

SHOWN = (
    *("longname", "layer_type", "N", "M", "alpha", "D", "num_pl_spikes", "stable_rank", "entropy"),
    *("robust_num_spikes", "log_norm", "log_spectral_norm", "relative_change", "alpha_flags", "status"),
)
"""Columns of the page's table, as far as the spectra have them."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem auto; padding: 0 1rem; max-width: 75rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; }
img { max-width: 100%; height: auto; background: #fff; }
details { margin: .4rem 0; }
"""


def overview_page(title: str, table: pd.DataFrame, pictures: dict[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    title
        What was analysed.
    table
        What `weightscape.spectra.analyze` returned.
    pictures
        Layer's name → path of its picture relative to the page; ``""`` names the overview.
    """
    shown = [column for column in SHOWN if column in table]
    failed = int((table["status"] != "success").sum())
    body = "\n".join(
        "<tr>" + "".join(_cell(row[column]) for column in shown) + "</tr>" for _, row in table[shown].iterrows()
    )
    layers = "\n".join(
        f'<details><summary>{html.escape(name)}</summary><img loading="lazy" alt="spectrum of {html.escape(name)}" '
        f'src="{html.escape(path)}"></details>'
        for name, path in pictures.items()
        if name
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>
<h1>{html.escape(title)}</h1>
<p>{len(table)} layers, {failed} of them with something that could not be computed (column <code>status</code>).</p>
<img alt="alpha, stable rank, entropy and spikes by depth" src="{html.escape(pictures[""])}">
<div class="scroll"><table><thead><tr>{"".join(f"<th>{html.escape(column)}</th>" for column in shown)}</tr></thead>
<tbody>
{body}
</tbody></table></div>
<h2>Layers</h2>
{layers}
</body></html>
"""


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<td class="text">{html.escape(value)}</td>'
    if value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "<td>–</td>"
    return f"<td>{value:.4g}</td>" if isinstance(value, float) else f"<td>{value}</td>"
