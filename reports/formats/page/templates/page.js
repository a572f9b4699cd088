// Narrows a page to some grades and words, copies commands, opens what a link leads to. The page is complete and usable without it.
"use strict";
(() => {
  const filter = document.getElementById("filter");
  const unsure = filter.querySelector("[data-only=unsure]");
  const words = document.getElementById("filter-text");
  const shown = document.getElementById("filter-shown");
  const buttons = [...filter.querySelectorAll("button[data-grade]")];
  const toggles = unsure ? [...buttons, unsure] : buttons;
  const items = [...document.querySelectorAll("[data-grades]")];
  const rows = items.filter((item) => item.tagName === "TR");
  const cells = [...document.querySelectorAll(".matrix .cell")];
  const holders = [...document.querySelectorAll(".matrix tbody, .family-results")];

  const pressed = () => buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.grade);
  const matches = (item, grades, terms) =>
    (!grades.length || item.dataset.grades.split(" ").some((grade) => grades.includes(grade))) &&
    (unsure?.getAttribute("aria-pressed") !== "true" || "unsure" in item.dataset) &&
    terms.every((term) => item.dataset.text.toLowerCase().includes(term));

  function apply() {
    const grades = pressed();
    const terms = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) item.hidden = !matches(item, grades, terms);
    for (const holder of holders) holder.hidden = !holder.querySelector("[data-grades]:not([hidden])");
    const only = unsure?.getAttribute("aria-pressed") === "true";
    for (const cell of cells) {
      const other = grades.length > 0 && !grades.some((g) => cell.classList.contains(g));
      cell.classList.toggle("dim", other || (only && !cell.classList.contains("unsure")));
    }
    shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} ${filter.dataset.unit} shown`;
  }

  // A link may lead to what the filter hides: show everything again rather than nothing. What it leads to is unfolded.
  function reveal() {
    const name = location.hash.slice(1);
    const target = document.getElementById(name) ?? unpacked(name);
    if (!target) return;
    if (target.closest("[hidden]")) {
      words.value = "";
      for (const button of toggles) button.setAttribute("aria-pressed", "false");
      apply();
    }
    for (let one = target; one; one = one.parentElement?.closest("details")) if (one.tagName === "DETAILS") one.open = true;
    target.querySelector(":scope > details")?.setAttribute("open", "");
    target.scrollIntoView();
  }

  function textOf(holder) {
    const lines = [...holder.querySelectorAll(":scope > ol > li")].map((line, place) => `${place + 1}. ${line.textContent.trim()}`);
    if (lines.length) return lines.join("\n");
    const parts = holder.querySelectorAll(".exchange :is(h5, h6, p, pre)");
    if (parts.length) return [...parts].map((part) => part.textContent.trim().replace(/[ \t]+/g, " ")).join("\n\n");
    return holder.querySelector("code").textContent;
  }

  // Some browsers keep the clipboard from pages that are opened as files: there the selection is copied.
  async function copy(button) {
    const holder = button.parentElement;
    const command = holder.querySelector("code") ?? holder;
    try {
      await navigator.clipboard.writeText(textOf(holder));
    } catch {
      getSelection().selectAllChildren(command);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  function unhide(part) {
    for (const button of part.querySelectorAll(".copy")) button.hidden = false;
  }

  // In a long report what is folded waits unparsed in a <noscript>, which a browser without scripts shows as it is.
  function unpack(details) {
    const held = details.querySelector(":scope > noscript");
    if (!held) return;
    const parsed = document.createElement("template");
    parsed.innerHTML = held.textContent;
    unhide(parsed.content);
    held.replaceWith(parsed.content);
  }

  // What a link leads to may wait in the rule that its name begins with.
  function unpacked(name) {
    for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
      const rule = document.getElementById(name.slice(0, end));
      for (const details of rule?.querySelectorAll(":scope > details") ?? []) unpack(details);
    }
    return document.getElementById(name);
  }

  unhide(document);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });
  document.addEventListener("toggle", (event) => unpack(event.target), true);

  for (const button of toggles) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  words.addEventListener("input", apply);
  window.addEventListener("hashchange", reveal);
  filter.hidden = false;
  apply();
  reveal();
})();
