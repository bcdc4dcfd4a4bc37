"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // The keys, strings and other values of a JSON body, in colors; without
  // JavaScript it is plain.
  const token = /("(?:[^"\\]|\\.)*"?)(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;
  const paint = (hop) => {
    for (const body of all('pre.body[data-kind="JSON"]', hop)) {
      const text = body.textContent, parts = [];
      let end = 0;
      for (const m of text.matchAll(token)) {
        const span = document.createElement("span");
        span.className = !m[1] ? "n" : m[2] ? "k" : "s";
        span.textContent = m[1] || m[0];
        parts.push(text.slice(end, m.index), span);
        end = m.index + span.textContent.length;
      }
      body.replaceChildren(...parts, text.slice(end));
      delete body.dataset.kind;
    }
  };

  // What passed lies packed at its place in the page; a hop is unpacked when it
  // is opened.
  const packs = new Map();
  const unpack = (id) => {
    if (!packs.has(id)) {
      const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      packs.set(id, new Response(stream).json());
    }
    return packs.get(id);
  };
  const fill = async (hop) => {
    const place = hop.querySelector(":scope > [data-pack]");
    if (!place) return;
    const { pack, item } = place.dataset;
    delete place.dataset.pack;
    const parts = await unpack(pack);
    place.outerHTML = parts[Number(item)];
    for (const part of all("[data-part]", hop)) part.replaceWith(document.getElementById(part.dataset.part).content.cloneNode(true));
    paint(hop);
  };
  const show = (hop) => { paint(hop); fill(hop); };
  document.addEventListener("toggle", (e) => { if (e.target.open && e.target.matches("details.h")) show(e.target); }, true);
  all("details.h[open]").forEach(show);

  // A link to a hop or a scenario opens what it lies in.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let d = target.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    target.scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", reveal);

  const form = document.querySelector(".filter");
  const scenarios = all("details.s").map((element) => ({
    element, status: element.dataset.status, flow: element.dataset.flow || "",
    tags: (element.dataset.tags || "").split(" "), text: element.querySelector(".name").textContent.toLowerCase(),
  }));
  const suites = all(".suite").map((element) => ({ element, of: new Set(all("details.s", element)) }));
  const apply = () => {
    const data = new FormData(form);
    const statuses = data.getAll("status");
    const flow = data.get("flow"), tag = data.get("tag"), text = data.get("text").trim().toLowerCase();
    const shown = new Set();
    for (const s of scenarios) {
      const ok = (statuses.length === 0 || statuses.includes(s.status)) && (!flow || s.flow === flow) &&
        (!tag || s.tags.includes(tag)) && s.text.includes(text);
      s.element.hidden = !ok;
      if (ok) shown.add(s.element);
    }
    for (const suite of suites) suite.element.hidden = shown.isDisjointFrom ? shown.isDisjointFrom(suite.of) : ![...suite.of].some((e) => shown.has(e));
    form.querySelector("output").textContent = `${shown.size} of ${scenarios.length} shown`;
    document.getElementById("none").hidden = shown.size > 0;
  };
  const reset = () => { form.reset(); apply(); };
  if (form) {
    form.addEventListener("input", apply);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    apply();
  }
  document.addEventListener("click", async (e) => {
    const button = e.target.closest(".repeat button");
    if (!button) return;
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  reveal();
  root.dataset.ready = "true";
})();
