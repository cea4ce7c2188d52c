"""The page as a browser shows it: no overflow on a phone or a desk, no request, no error, no blank image."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from simulated_study import SimulatedStudy

from weightscape.report.content import Figure
from weightscape.report.page import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")

# Runs in a parent page that shows the report in a frame of each width, and leaves what it measured in its own DOM.
MEASURE = """
<!DOCTYPE html><meta charset="utf-8"><body><script>
const page = new TextDecoder().decode(Uint8Array.from(atob("PAGE"), (c) => c.charCodeAt(0)));
const found = {};
const frames = [390, 1280].map((width) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.srcdoc = page;
  document.body.append(frame);
  return [width, frame];
});
addEventListener("load", async () => {
  for (const [width, frame] of frames) {
    const inner = frame.contentDocument;
    const images = [...inner.images];
    await Promise.all(images.map((image) => image.decode()));
    const outside = (e) => e.closest(".scroll") === null && e.getBoundingClientRect().right > width + 1;
    for (const details of inner.querySelectorAll("details")) details.open = true;
    const table = inner.querySelector("table");
    const before = table.tBodies[0].rows[0].textContent;
    table.querySelectorAll("thead button")[2].click();
    found[width] = {
      scroll: inner.documentElement.scrollWidth,
      outside: [...inner.body.querySelectorAll("*")].filter(outside).map((e) => e.outerHTML.slice(0, 80)),
      images: images.map((image) => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return [image.naturalWidth, new Set(pixels).size];
      }),
      requests: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
      sorted: before !== table.tBodies[0].rows[0].textContent,
    };
  }
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify(found);
  document.body.replaceChildren(result);
});
</script>
"""


def run_chromium(profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    quiet = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
             "--disable-component-update --disable-sync --enable-logging=stderr")  # fmt: skip
    command = [str(CHROMIUM), *quiet.split(), f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


@pytest.fixture(scope="module")
def rendered(
    large: SimulatedStudy, figures: dict[str, Figure], make_report, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict, str]:
    """Return what the browser measured at each width, and what it logged."""
    folder = tmp_path_factory.mktemp("browser")
    page = render_html(make_report(large, figures)).encode()
    outer = MEASURE.replace("PAGE", base64.b64encode(page).decode())
    (folder / "outer.html").write_text(outer, encoding="utf-8")
    done = run_chromium(folder / "profile", "--virtual-time-budget=20000", "--dump-dom", f"file://{folder}/outer.html")
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), done.stderr


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_overflows(rendered: tuple[dict, str], width: int) -> None:
    view = rendered[0][str(width)]
    assert view["outside"] == []
    assert view["scroll"] <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_images_are_there_and_not_blank(rendered: tuple[dict, str], figures: dict[str, Figure], width: int) -> None:
    images = rendered[0][str(width)]["images"]
    assert len(images) == len(figures)
    for natural_width, colors in images:
        assert natural_width > 300
        assert colors > 20


def test_no_request_leaves_the_page(rendered: tuple[dict, str]) -> None:
    for view in rendered[0].values():
        assert [name for name in view["requests"] if not name.startswith("data:")] == []


def test_the_console_has_no_error(rendered: tuple[dict, str]) -> None:
    assert [line for line in rendered[1].splitlines() if "CONSOLE" in line] == []


def test_a_click_on_a_column_sorts_the_table(rendered: tuple[dict, str]) -> None:
    assert rendered[0]["1280"]["sorted"]
