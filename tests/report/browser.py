"""Pages in headless Chromium: what they look like on a phone and on a desk, in light and dark, and in print."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
WIDTHS = (390, 1280)

# Runs in a parent page that shows the page in a frame of each width, and leaves what it measured in its own DOM.
MEASURE = """
<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body><script>
const page = new TextDecoder().decode(Uint8Array.from(atob("PAGE"), (c) => c.charCodeAt(0)));
const found = {};
const frames = WIDTHS.map((width) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.srcdoc = page;
  document.body.append(frame);
  return [width, frame];
});
const channels = (color) => color.match(/[\\d.]+/g).map(Number);
const luminance = (color) => {
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = channels(color).map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
// Of a text with the first opaque background behind it, as WCAG 2 defines it.
const contrast = (element, view) => {
  let behind = element;
  while (channels(view.getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const colors = [view.getComputedStyle(element).color, view.getComputedStyle(behind).backgroundColor];
  const [low, high] = colors.map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
addEventListener("load", async () => {
  for (const [width, frame] of frames) {
    const inner = frame.contentDocument, view = frame.contentWindow;
    const images = [...inner.images];
    await Promise.all(images.map((image) => image.decode()));
    const folded = [...inner.querySelectorAll("details")];
    const opened = () => folded.filter((details) => details.open).length;
    view.dispatchEvent(new Event("beforeprint"));
    const printed = [opened()];
    view.dispatchEvent(new Event("afterprint"));
    printed.push(opened());
    for (const details of folded) details.open = true;
    const outside = (e) => e.closest(".scroll") === null && e.getBoundingClientRect().right > width + 1;
    const all = [...inner.body.querySelectorAll("*")];
    const written = all.filter((e) => e.tagName !== "SCRIPT" && e.getClientRects().length
      && [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
    const table = inner.querySelector("table");
    const before = table.tBodies[0].rows[0].textContent;
    const scroller = table.closest(".scroll");
    scroller.scrollLeft = 10000;
    const left = table.rows[1].cells[0].getBoundingClientRect().left - scroller.getBoundingClientRect().left;
    const head = [...table.tHead.querySelectorAll("button")][2];
    for (let click = 0; click < 2 && table.tBodies[0].rows[0].textContent === before; click += 1) head.click();
    const shown = images.map((image) => image.getBoundingClientRect().width);
    for (const box of inner.querySelectorAll("input.zoom")) box.checked = true;
    found[width] = {
      scroll: inner.documentElement.scrollWidth,
      outside: all.filter(outside).map((e) => e.outerHTML.slice(0, 80)),
      images: images.map((image) => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return [image.naturalWidth, new Set(pixels).size];
      }),
      shown, enlarged: images.map((image) => image.getBoundingClientRect().width),
      requests: view.performance.getEntriesByType("resource").map((entry) => entry.name),
      sorted: before !== table.tBodies[0].rows[0].textContent,
      first_column: left, folded: folded.length, printed,
      colors: [view.getComputedStyle(inner.body).color, view.getComputedStyle(inner.body).backgroundColor],
      faint: written.map((e) => [contrast(e, view), e.outerHTML.slice(0, 80)]).filter(([ratio]) => ratio < 4.5),
    };
  }
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify(found);
  document.body.replaceChildren(result);
});
</script>
"""


@dataclass(frozen=True)
class Rendered:
    """What the browser measured at each width, and what it logged."""

    views: dict[int, dict[str, Any]]
    log: str


def render(page: str, folder: Path, dark: bool = False) -> Rendered:
    """Show a page at each width and measure it; `folder` takes the browser's files."""
    text = MEASURE.replace("WIDTHS", str(list(WIDTHS)))
    (folder / "outer.html").write_text(text.replace("PAGE", base64.b64encode(page.encode()).decode()))
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    address = f"file://{folder}/outer.html"
    done = run_chromium(folder / "profile", scheme, "--virtual-time-budget=20000", "--dump-dom", address)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    views = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return Rendered({int(width): view for width, view in views.items()}, done.stderr)


def printed_pages(page: str, folder: Path) -> int:
    """Print a page to PDF and return the number of its sheets."""
    (folder / "page.html").write_text(page)
    run_chromium(folder / "profile", f"--print-to-pdf={folder}/page.pdf", f"file://{folder}/page.html")
    return len(re.findall(rb"/Type\s*/Page\b", (folder / "page.pdf").read_bytes()))


def run_chromium(profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    quiet = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
             "--disable-component-update --disable-sync --enable-logging=stderr")  # fmt: skip
    command = [str(CHROMIUM), *quiet.split(), f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)


def check_widths(rendered: Rendered, figures: int) -> None:
    """Check that a page fits each width, shows so many images, loads nothing and logs no error."""
    for width, view in rendered.views.items():
        assert view["outside"] == []
        assert view["scroll"] <= width
        assert len(view["images"]) == figures
        assert all(natural > 300 and colors > 20 for natural, colors in view["images"])
        assert [name for name in view["requests"] if not name.startswith("data:")] == []
    assert [line for line in rendered.log.splitlines() if "CONSOLE" in line] == []


def check_schemes(light: Rendered, dark: Rendered) -> None:
    """Check that the two colour schemes differ and that every text can be read in both."""
    for width in WIDTHS:
        for one, other in zip(light.views[width]["colors"], dark.views[width]["colors"], strict=True):
            assert one != other
        assert light.views[width]["faint"] == dark.views[width]["faint"] == []
