"use strict";
// Tables: search, filters, sorting and rows on demand. Text reaches the page through textContent only.
(() => {
  const STEP = 100;
  const lower = (text) => text.toLowerCase();
  const comma = document.documentElement.lang === "cs"; // 98,2 there is 98.2 here
  const plain = (text) => (comma ? text.replace(",", ".") : text).replace(/[^\d.-]/g, "");

  function sheet(root) {
    const { rows, marks } = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    const marked = new Set(marks);
    const haystack = rows.map((row) => lower(row.join("\u0000")));
    const body = root.querySelector("tbody"), heads = [...root.querySelectorAll("th")];
    const tools = root.querySelector(".tools"), find = tools.querySelector("input[type=search]");
    const picks = [...tools.querySelectorAll("select")], only = tools.querySelector("[data-marked]");
    const shown = tools.querySelector(".shown"), further = root.querySelector(".further");
    const styles = heads.map((head) => head.className);
    let order = null, match = rows.map((_, index) => index), limit = STEP;

    function line(index) {
      const made = document.createElement("tr");
      if (marked.has(index)) made.className = "prc";
      rows[index].forEach((text, column) => {
        const cell = document.createElement("td");
        cell.className = styles[column];
        cell.textContent = text;
        made.append(cell);
      });
      return made;
    }
    function draw() {
      body.replaceChildren(...match.slice(0, limit).map(line));
      shown.textContent = `${Math.min(limit, match.length)} / ${match.length}` + (match.length < rows.length ? ` (${rows.length})` : "");
      further.hidden = match.length <= limit;
    }
    function choose() {
      const words = lower(find.value).split(/\s+/).filter(Boolean);
      const wanted = picks.filter((pick) => pick.value).map((pick) => [Number(pick.dataset.column), pick.value]);
      match = [];
      for (let index = 0; index < rows.length; index++) {
        if (only && only.checked && !marked.has(index)) continue;
        if (words.some((word) => !haystack[index].includes(word))) continue;
        if (wanted.some(([column, value]) => rows[index][column] !== value)) continue;
        match.push(index);
      }
      if (order) {
        const { column, sign } = order, numeric = styles[column] === "number";
        const key = numeric ? (i) => Number(plain(rows[i][column])) : (i) => rows[i][column];
        match.sort((a, b) => sign * (numeric ? key(a) - key(b) : key(a).localeCompare(key(b))) || a - b);
      }
      limit = STEP;
      draw();
    }

    picks.forEach((pick) => {
      const values = [...new Set(rows.map((row) => row[Number(pick.dataset.column)]))].filter(Boolean).sort();
      pick.append(...values.slice(0, 300).map((value) => new Option(value, value)));
      pick.closest("label").hidden = values.length < 2;
      pick.addEventListener("change", choose);
    });
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        order = { column, sign: order && order.column === column ? -order.sign : 1 };
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
        choose();
      });
    });
    find.addEventListener("input", choose);
    if (only) only.addEventListener("change", choose);
    further.addEventListener("click", () => { limit += 5 * STEP; draw(); });
    addEventListener("beforeprint", () => { limit = Math.max(limit, 5000); draw(); });
    tools.hidden = false;
    root.querySelector(".rest")?.remove();
    draw();
  }

  function lazily(root) {
    if (root.open) return sheet(root);
    root.addEventListener("toggle", () => sheet(root), { once: true });
  }

  document.querySelectorAll("details.sheet").forEach(lazily);

  const theme = document.querySelector(".theme");
  theme.hidden = false;
  theme.addEventListener("click", (event) => {
    const chosen = event.target.dataset.setTheme;
    if (!chosen) return;
    document.documentElement.dataset.theme = chosen;
    theme.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button === event.target)));
  });
  document.documentElement.dataset.ready = "yes";
})();
