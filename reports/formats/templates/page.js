// Narrows a page to some grades and words. The page is complete and usable without it.
"use strict";
(() => {
  const filter = document.getElementById("filter");
  const words = document.getElementById("filter-text");
  const shown = document.getElementById("filter-shown");
  const buttons = [...filter.querySelectorAll("button[data-grade]")];
  const items = [...document.querySelectorAll("[data-grades]")];
  const rows = items.filter((item) => item.tagName === "TR");
  const cells = [...document.querySelectorAll(".matrix .cell")];
  const holders = [...document.querySelectorAll(".matrix tbody, .family-results")];

  const pressed = () => buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.grade);
  const matches = (item, grades, terms) =>
    (!grades.length || item.dataset.grades.split(" ").some((grade) => grades.includes(grade))) &&
    terms.every((term) => item.dataset.text.toLowerCase().includes(term));

  function apply() {
    const grades = pressed();
    const terms = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) item.hidden = !matches(item, grades, terms);
    for (const holder of holders) holder.hidden = !holder.querySelector("[data-grades]:not([hidden])");
    for (const cell of cells) cell.classList.toggle("dim", grades.length > 0 && !grades.some((g) => cell.classList.contains(g)));
    shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} ${filter.dataset.unit} shown`;
  }

  // A link may lead to what the filter hides: show everything again rather than nothing.
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.closest("[hidden]")) return;
    words.value = "";
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    apply();
    target.scrollIntoView();
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  words.addEventListener("input", apply);
  window.addEventListener("hashchange", reveal);
  filter.hidden = false;
  apply();
})();
