"""Rendering of a report as one HTML page and as Markdown."""

import base64
import hashlib

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from weightscape.report.content import Report
from weightscape.report.texts import TEMPLATES


def render_html(report: Report) -> str:
    """Return the report as a self-contained HTML page."""
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    # The page allows no other script than its own: its hash is in the content security policy.
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = _environment(autoescape=True).get_template("page.html.j2")
    return template.render(report=report, script=Markup(script), script_hash=script_hash)


def render_markdown(report: Report) -> str:
    """Return the report as Markdown, without images, for a paper's appendix or a pull request."""
    return _environment(autoescape=False).get_template("summary.md.j2").render(report=report)


def _environment(autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
