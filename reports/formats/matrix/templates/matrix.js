// Narrows the matrix to some requirements, signs and clients; moves in it by the arrow keys. The page is complete without it.
"use strict";
(() => {
  const filter = document.getElementById("filter");
  const words = document.getElementById("words");
  const clients = document.getElementById("clients");
  const shown = document.getElementById("shown");
  const table = document.querySelector("table.matrix");
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.querySelectorAll("tr[data-text]")];
  const buttons = [...filter.querySelectorAll("button")];
  const terms = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

  function apply() {
    const wanted = buttons.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.sign);
    const names = terms(clients);
    const columns = heads.map((head) => !names.length || names.some((name) => head.textContent.toLowerCase().includes(name)));
    heads.forEach((head, place) => { head.hidden = !columns[place]; });
    for (const row of rows) {
      const cells = [...row.cells].slice(1);
      cells.forEach((cell, place) => { cell.hidden = !columns[place]; });
      const signs = cells.filter((_, place) => columns[place]).map((cell) => cell.firstElementChild.classList[0]);
      const text = row.dataset.text.toLowerCase();
      row.hidden = !(terms(words).every((term) => text.includes(term)) && (!wanted.length || signs.some((sign) => wanted.includes(sign))));
    }
    for (const body of table.tBodies) body.hidden = !body.querySelector("tr[data-text]:not([hidden])");
    shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} requirements, ${columns.filter(Boolean).length} of ${columns.length} clients shown`;
  }

  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !moves[event.key]) return;
    const [down, right] = moves[event.key];
    const visible = rows.filter((row) => !row.hidden);
    const columns = [...cell.parentElement.cells].slice(1).filter((one) => !one.hidden).map((one) => one.cellIndex);
    const row = visible[visible.indexOf(cell.parentElement) + down];
    const column = columns[columns.indexOf(cell.cellIndex) + right];
    if (!row || column === undefined) return;
    event.preventDefault();
    row.cells[column].firstElementChild.focus();
  });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  for (const input of [words, clients]) input.addEventListener("input", apply);
  filter.hidden = false;
  apply();
})();
