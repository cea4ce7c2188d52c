"""Rendering of a report as one HTML page and as Markdown."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from weightscape.report.content import Report
from weightscape.report.texts import TEMPLATES


def render_html(report: Report) -> str:
    """Return the report as a self-contained HTML page."""
    return _environment(autoescape=True).get_template("page.html.j2").render(report=report)


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
