"""The page is one well-formed, self-contained file whose numbers are the tables'."""

import base64
import hashlib
import importlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from figure_files import restored_process
from simulated_study import SimulatedStudy

from weightscape.figures.registry import declared_figures
from weightscape.figures.style import INK, PAPER
from weightscape.files import write_json, write_table
from weightscape.report import record
from weightscape.report.content import Figure
from weightscape.report.images import LARGEST_SVG, adapt_svg, embed_figure
from weightscape.report.page import render_html, render_markdown
from weightscape.report.texts import CAPTIONS, caption, text_digest
from weightscape.words.verdicts import verdict_words

DERIVED = (
    "evaluation_summary",
    "corruption_errors",
    "class_summary",
    "detection_summary",
    "diversity_summary",
    "diversity_by_class",
    "study",
    "data",
    "classes",
    "cost",
)
VOID = {"meta", "img", "input", "br", "link", "hr"}


class Page(HTMLParser):
    """Reads a page, checks that tags are closed in order, and keeps what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(large: SimulatedStudy, figures: dict[str, Figure], make_report) -> str:
    return render_html(make_report(large, figures))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_headings_descend_one_level_at_a_time(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(page.headings))


def test_every_image_has_an_alternative_text_and_a_size(page: Page, figures: dict[str, Figure]) -> None:
    images = page.all("img")
    assert len(images) == len(figures)
    for image in images:
        assert len(image["alt"] or "") > 20
        assert int(image["width"] or 0) > 100
        assert (image["src"] or "").startswith("data:image/")


def test_nothing_is_loaded_from_elsewhere(page: Page, html: str) -> None:
    for tag, attributes in page.tags:
        assert tag not in {"link", "iframe", "object", "embed"}
        assert not (attributes.get("src") or "").startswith(("http", "//"))
        if tag == "script":
            assert "src" not in attributes
    without_images = re.sub(r"data:[^\"]+", "", html)
    assert not re.search(r"https?://|@import|url\(", without_images)
    assert "default-src 'none'" in html


def test_the_page_allows_its_own_script_only(html: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in html


def test_contents_lead_to_every_section_and_ids_are_unique(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    inner = {
        (attributes["href"] or "")[1:] for attributes in page.all("a") if (attributes["href"] or "").startswith("#")
    }
    assert inner == {attributes["id"] for attributes in page.all("section")}


def test_verdicts_come_first(html: str, large: SimulatedStudy) -> None:
    first = html.index("<h2>")
    assert html[first:].startswith("<h2>Verdicts</h2>")
    claims = large.tables["claims"]
    for row in claims[claims["series"] == ""].itertuples():
        assert f"<span>{verdict_words(row)}</span>" in html


def test_tables_name_their_source_files(html: str) -> None:
    named = ("claims", "effects", "similarity", "generator_quality", "generator_classes", "runs", "robustness")
    for name in (*named, *DERIVED, "controls", "plan"):
        assert f"tables/{name}.csv" in html


def test_numbers_of_the_page_are_those_of_the_tables(html: str, large: SimulatedStudy, make_report) -> None:
    effects = large.tables["effects"]
    row = (effects["outcome"] == "spectra/log_norm") & (effects["condition"] == "weight_decay")
    shift = effects.copy()
    shift.loc[row, ["mean", "low", "high"]] = [-123.4, -130.0, -117.0]
    changed = render_html(make_report(large.with_table("effects", shift)))
    assert "−130 to −117" in changed
    assert "−130 to −117" not in html


def test_names_from_the_config_are_escaped(large: SimulatedStudy, make_report) -> None:
    claims = large.tables["claims"].assign(title="<b>1 < 2</b>")
    text = render_html(make_report(large.with_table("claims", claims)))
    assert "<b>1 < 2</b>" not in text
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in text


def test_the_tiny_study_renders(small: SimulatedStudy, make_report) -> None:
    text = render_html(make_report(small))
    Page(text)
    assert ">nan<" not in text


def test_markdown_says_the_same(large: SimulatedStudy, figures: dict[str, Figure], make_report) -> None:
    report = make_report(large, figures)
    text = render_markdown(report)
    for item in report.verdicts:
        assert f"(claim {item.claim}): {item.word}" in text
        assert item.reason in text
        assert item.numbers in text
    for section in report.sections:
        assert f"## {section.heading}" in text
        assert all(sentence in text for sentence in section.sentences)
    assert "<" not in re.sub(r"p.<.\.001|< \.001", "", text)


def test_markdown_tables_are_whole(large: SimulatedStudy, make_report) -> None:
    lines = render_markdown(make_report(large)).splitlines()
    for above, line in pairwise(lines):
        if line.startswith("|") and above.startswith("|"):
            assert line.count("|") == above.count("|")
    start = next(i for i, line in enumerate(lines) if line.startswith("| condition"))
    assert lines[start + 1].startswith("| ---")
    assert lines[start + 2].startswith("| baseline |")


def test_figures_follow_the_color_scheme(figures: dict[str, Figure]) -> None:
    text = base64.b64decode(figures["claims"].uri.split(",")[1]).decode()
    assert text.startswith("<svg")
    assert "prefers-color-scheme:dark" in text
    assert f'[style*="fill: {INK}"]' in text
    assert f"fill: {PAPER}" in text.split("</style>", 1)[1]
    assert "metadata" not in text


def test_a_very_large_svg_is_replaced_by_its_png(tmp_path: Path) -> None:
    svg = '<?xml version="1.0"?><svg viewBox="0 0 720 360" xmlns="http://www.w3.org/2000/svg"><g/></svg>'
    (tmp_path / "claims.svg").write_text(svg)
    (tmp_path / "claims.png").write_bytes(b"\x89PNG")
    small = embed_figure(tmp_path / "claims.svg", "", "")
    assert (small.width, small.height) == (960, 480)
    assert small.uri.startswith("data:image/svg+xml")
    (tmp_path / "claims.svg").write_text(svg.replace("<g/>", "<g/>" * (LARGEST_SVG // 4)))
    assert embed_figure(tmp_path / "claims.svg", "", "").uri.startswith("data:image/png")


def test_an_svg_keeps_its_content() -> None:
    adapted = adapt_svg('<?xml version="1.0"?>\n<svg a="1">\n<metadata>x</metadata><g id="y"/></svg>')
    assert adapted.startswith('<svg a="1"><style>')
    assert adapted.endswith('</style>\n<g id="y"/></svg>')


def test_every_caption_has_an_alternative_text_and_says_what_to_see_and_the_n() -> None:
    names = [path.stem for path in CAPTIONS.glob("*.rst") if path.stem not in ("workflow", "tables", "report")]
    assert {figure.name for figure in declared_figures()} <= set(names)
    given = {"snakemake": SimpleNamespace(config={"seeds": {"count": 8}}), "seeds": "8 seeds in each study"}
    for name in names:
        text, alt = caption(name, **given)
        assert len(text.split()) > 15
        assert re.search(r"n = \d+ (seeds|run|images)", text), f"{name} does not say its n"
        assert "{" not in text
        assert alt.endswith(".")


def test_the_number_of_seeds_in_a_caption_is_the_studys() -> None:
    for count in (8, 12):
        given = SimpleNamespace(config={"seeds": {"count": count}})
        assert caption("effects", snakemake=given)[0].endswith(f"n = {count} seeds.")


def test_a_caption_without_alternative_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weightscape.report.texts.CAPTIONS", tmp_path)
    (tmp_path / "x.rst").write_text("A caption.\n")
    with pytest.raises(ValueError, match="the first line must be"):
        caption("x")


def test_the_digest_follows_captions_and_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = text_digest()
    assert before == text_digest()
    monkeypatch.setattr("weightscape.report.texts.CAPTIONS", tmp_path)
    assert text_digest() != before


def test_the_script_writes_page_summary_and_table(
    large: SimulatedStudy, figures: dict[str, Figure], tmp_path: Path
) -> None:
    for name, table in large.tables.items():
        write_table(table, tmp_path / f"{name}.parquet")
    for name in ("backbone", "manifest", "provenance"):
        write_json(getattr(large, name), tmp_path / f"{name}.json")
    (tmp_path / "claims.svg").write_bytes(base64.b64decode(figures["claims"].uri.split(",")[1]))
    output = SimpleNamespace(
        html=str(tmp_path / "report.html"),
        markdown=str(tmp_path / "summary.md"),
        **{name: str(tmp_path / f"{name}.csv") for name in DERIVED},
    )
    snakemake = SimpleNamespace(
        input=SimpleNamespace(
            **{name: str(tmp_path / f"{name}.parquet") for name in large.tables},
            **{name: str(tmp_path / f"{name}.json") for name in ("backbone", "manifest", "provenance")},
            figures=[str(tmp_path / "claims.svg")],
        ),
        output=output,
        config={"seeds": {"count": 8}},
        params=SimpleNamespace(
            title="Digits", conditions=large.conditions, claims=large.claims_config, sections={"claims": "verdicts"}
        ),
        log=[str(tmp_path / "log.txt")],
        rule="write_report",
    )
    with restored_process():
        importlib.import_module("write_report").main(snakemake)
    Page(Path(output.html).read_text())
    assert "8 seeds." in Path(output.html).read_text()
    assert Path(output.markdown).read_text().startswith("# Digits")
    assert len(pd.read_csv(output.evaluation_summary)) == len(large.conditions) * 4 * 2
    assert list(pd.read_csv(output.cost)["rule"]) == ["finetune", "spectra"]
    assert set(pd.read_csv(output.data)["set"]) == {"train", "validation", "test", "generator"}
    assert "3,371,024" in list(pd.read_csv(output.study)["value"])
    assert json.loads((tmp_path / "provenance.json").read_text())["commit"] in Path(output.html).read_text()


def test_the_table_of_splits_tells_how_even_the_classes_are():
    sets = {
        "train": {"n": 12, "class_counts": {"cat": 9, "dog": 3}, "groups": 5, "images_sha256": "ab" * 32},
        "generator": {"n": 0, "class_counts": {"cat": 0, "dog": 0}, "groups": 0, "images_sha256": "cd" * 32},
    }
    manifest = {"source": "x", "sets": sets, "surplus_of_groups": [4, 7]}
    data = record.data_sets(manifest)
    assert data.drop(columns="images_sha256").iloc[0].to_dict() == {
        "set": "train", "images": 12, "classes": 2, "smallest_class": 3, "largest_class": 9, "imbalance": 3.0,
        "groups": 5,
    }  # fmt: skip
    table = record.data_table(data, manifest)
    assert [cell.text for cell in table.rows[0]][:-1] == ["train", "12", "2", "3", "9", "3.00", "5"]
    assert [cell.text for cell in table.rows[1]][:-1] == ["generator", "0", "0", "0", "0", "–", "0"]
    assert "2 images are in none, because their group is in a split" in table.caption
    classes = record.class_counts(manifest)
    assert classes.to_dict("list") == {"class": ["cat", "dog"], "train": [9, 3], "generator": [0, 0]}
    assert [[cell.text for cell in row] for row in record.classes_table(classes).rows] == [
        ["cat", "9", "0"],
        ["dog", "3", "0"],
    ]
    for entry in sets.values():
        del entry["groups"]
    assert "groups" not in record.data_sets(manifest)
    assert "group" not in record.data_table(record.data_sets(manifest), manifest).caption
