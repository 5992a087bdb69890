// SPDX-License-Identifier: Apache-2.0
// Sends a picture to be read, and draws what was found over it.
"use strict";

const root = document.getElementById("read");
const said = document.getElementById("status");
const stage = document.getElementById("stage");
const picture = document.getElementById("picture");
const shapes = document.getElementById("shapes");
const found = document.getElementById("found");
const drop = document.getElementById("drop");
const reads = root.dataset.reads === "yes";
let latest = 0;

function say(text, bad = false) {
  said.textContent = text;
  said.classList.toggle("warning", bad);
}

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function html(name, text, kind) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

const percent = (share) => `${(100 * share).toFixed(share > 0.995 || share < 0.1 ? 1 : 0)} %`;
const sureness = (share) => (share >= 0.9 ? "clear" : share >= 0.6 ? "hard" : "illegible");

function show(answer) {
  shapes.replaceChildren();
  found.replaceChildren();
  shapes.setAttribute("viewBox", `0 0 ${answer.width} ${answer.height}`);
  const size = answer.width / 28;
  answer.plates.forEach((plate, k) => {
    const kind = sureness(reads ? plate.text_confidence : plate.confidence);
    if (plate.confidence !== null) {
      const [x0, y0, x1, y1] = plate.box;
      shapes.append(svg("rect", { class: "box", x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
      shapes.append(svg("polygon", { class: `quad ${kind}`, points: plate.quad.join(" ") }));
      plate.quad.forEach(([x, y], corner) => shapes.append(
        svg("circle", { class: `corner ${kind}${corner ? "" : " first"}`, cx: x, cy: y, r: size / 7 })));
      const above = y0 > 1.3 * size;
      const label = svg("text", {
        class: `said ${kind}`, x: Math.min(x0, answer.width - 6 * size),
        y: above ? y0 - 0.35 * size : y1 + 1.05 * size, "font-size": size,
      });
      label.textContent = reads ? plate.text || "?" : String(k + 1);
      shapes.append(label);
    }
    const item = html("li", undefined, kind);
    if (plate.crop) {
      const crop = html("img");
      crop.src = plate.crop;
      crop.alt = "the plate as it was read";
      item.append(crop);
    }
    const words = html("div");
    if (reads) {
      const line = html("p", undefined, "text");
      if (plate.text) {
        for (const [char, share] of plate.characters) {
          const letter = html("span", char, sureness(share));
          letter.title = `${char}: ${percent(share)}`;
          line.append(letter);
        }
      } else {
        line.textContent = "nothing to read";
      }
      words.append(line, html("p", `${percent(plate.text_confidence)} sure of the text`));
      const others = plate.alternatives.slice(1, 4).filter(([text, share]) => text && share >= 0.005);
      if (others.length) {
        words.append(html("p", "or " + others.map(([t, p]) => `${t} (${percent(p)})`).join(", "), "others"));
      }
    }
    if (plate.confidence !== null) {
      words.append(html("p", `${percent(plate.confidence)} sure that it is a plate`));
      words.append(html("p", "corners " + plate.quad.map(([x, y]) => `${x}, ${y}`).join(" · "), "others"));
    }
    item.append(words);
    found.append(item);
  });
  const n = answer.plates.length;
  const what = root.dataset.finds === "yes" ? `${n || "No"} plate${n === 1 ? "" : "s"} found` : "Read";
  say(`${what} in ${(1000 * answer.seconds).toFixed(0)} ms.`);
}

async function read(file) {
  if (!file) return;
  const mine = ++latest;
  if (file.size > Number(root.dataset.most)) {
    say(`${file.name || "This picture"} has ${(file.size / 1048576).toFixed(0)} MiB: too large.`, true);
    return;
  }
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  stage.hidden = false;
  shapes.replaceChildren();
  found.replaceChildren();
  say("Reading …");
  try {
    const reply = await fetch("/read", { method: "POST", body: file });
    const answer = await reply.json();
    if (mine !== latest) return; // another picture came in the meantime
    if (!reply.ok) {
      stage.hidden = true;
      say(answer.error + (answer.hint ? ` – ${answer.hint}` : ""), true);
      return;
    }
    stage.classList.toggle("small", answer.width <= 640);
    show(answer);
  } catch {
    if (mine === latest) say("The server does not answer. Is it still running?", true);
  }
}

for (const input of root.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    read(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
}
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  read(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => read(event.clipboardData.files[0]));
