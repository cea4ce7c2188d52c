// Folded tables are printed in full. Sorting by a click on a column's name, a filter for long tables, and a number in full where the pointer rests on it.
// The page reads the same without it.
const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details:not([open])"));
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded.splice(0)) details.open = false;
});
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  for (const cell of body.querySelectorAll("[data-value]")) cell.title = cell.dataset.value;
  const key = (row, index) => {
    const cell = row.cells[index];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  // Numbers by size, then texts; in both directions what is missing comes last.
  const compare = (a, b, sign) => {
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return sign * a.localeCompare(b);
  };
  for (const [index, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "Sort by this column";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const sign = ascending ? 1 : -1;
      const rows = [...body.rows].sort((a, b) => compare(key(a, index), key(b, index), sign));
      body.append(...rows);
    });
  }
  if (body.rows.length > 25) {
    const input = document.createElement("input");
    input.className = "filter";
    input.type = "search";
    input.placeholder = "Show rows with …";
    input.setAttribute("aria-label", "Show rows with these words");
    const count = document.createElement("output");
    count.className = "unseen";
    table.parentElement.before(input, count);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of body.rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      count.textContent = `${[...body.rows].filter((row) => !row.hidden).length} of ${body.rows.length} rows`;
    });
  }
}
