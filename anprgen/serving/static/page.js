// SPDX-License-Identifier: Apache-2.0
// What pages do beyond links and forms: keep the switches, react to keys, copy a command.
"use strict";

// Storage may be forbidden; the page then forgets, and works.
function kept(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch { /* private window */ }
  return null;
}

for (const box of document.querySelectorAll("input[data-keep]")) {
  const before = kept(box.id);
  if (before !== null) box.checked = before === "yes";
  box.addEventListener("change", () => kept(box.id, box.checked ? "yes" : "no"));
}

// On a wide screen filters stand beside the pictures, always open.
const filters = document.getElementById("filters");
if (filters) {
  const wide = matchMedia("(min-width: 60rem)");
  const adapt = () => { if (wide.matches) filters.open = true; };
  if (!wide.matches) filters.open = false;
  adapt();
  wide.addEventListener("change", adapt);
}

const form = document.getElementById("filter-form");
if (form) {
  form.addEventListener("change", (event) => {
    // An amount of wear says nothing until a kind is chosen.
    if (event.target.name === "wear_min" && !form.elements.wear.value) return;
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    if (!form.elements.wear.value) form.elements.wear_min.disabled = true;
  });
  // Coming back to a page that the browser kept: its fields are to be used again.
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}

// While the index is being made the page comes again, unless somebody is busy with it.
if (document.getElementById("busy")) {
  setTimeout(() => {
    if (!form || !form.contains(document.activeElement)) location.reload();
  }, 2500);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea, .scroll")) return;
  const go = { ArrowLeft: "[rel=prev]", ArrowRight: "[rel=next]", Escape: "#back" }[event.key];
  const link = go && document.querySelector(go);
  if (link) { event.preventDefault(); link.click(); }
  const draw = { p: "draw-quads", c: "draw-cells" }[event.key];
  const box = draw && document.getElementById(draw);
  if (box) box.click();
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      // Browsers lend the clipboard to https and to localhost alone.
      getSelection().selectAllChildren(source);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
