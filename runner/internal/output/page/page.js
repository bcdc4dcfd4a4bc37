"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // What is closed stands as one text in a noscript element: a thousand
  // scenarios would cost the browser a second to read as markup. It becomes
  // markup when it is opened, or else bit by bit when the browser has nothing to
  // do, so that a search within the page finds it.
  const lay = (details) => {
    const aside = details.querySelector(":scope > noscript");
    if (!aside) return;
    aside.outerHTML = aside.textContent;
    for (const hop of all("details.h[open]", details)) awaitSight(hop);
  };
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 50, { timeRemaining: () => 10 }));
  // At least one scenario a second is laid out, however little time the browser has.
  const soon = { timeout: 1000 };
  const layRest = () => {
    const closed = all("details > noscript").map((aside) => aside.parentElement);
    let next = 0;
    const work = (deadline) => {
      const until = performance.now() + (deadline.didTimeout ? 12 : Math.min(deadline.timeRemaining() - 2, 12));
      do {
        if (next < closed.length) lay(closed[next++]);
      } while (next < closed.length && performance.now() < until);
      if (next < closed.length) idle(work, soon);
    };
    idle(work, soon);
  };

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
      parts.push(text.slice(end));
      const painted = document.createDocumentFragment();
      for (const part of parts) painted.append(part);
      body.replaceChildren(painted);
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
      packs.set(id, new Response(stream).text().then((text) => text.split("\0")));
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
  const open = (details) => {
    lay(details);
    if (!details.matches(".h")) return;
    paint(details);
    fill(details);
  };

  // A hop that is open from the start, of which a browser says so late, waits
  // until it comes into sight. So does one that was laid aside as open.
  const waiting = new Set();
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      waiting.delete(target);
      open(target);
    }
  }, { rootMargin: "100%" });
  const awaitSight = (hop) => {
    waiting.add(hop);
    near.observe(hop);
  };
  for (const hop of all("details.h[open]")) awaitSight(hop);
  document.addEventListener("toggle", (e) => { if (e.target.open && !waiting.has(e.target)) open(e.target); }, true);
  // A click, or a key, that is about to open something: it is there at once.
  document.addEventListener("click", (e) => {
    const summary = e.target.closest("summary");
    if (summary && !summary.parentElement.open) open(summary.parentElement);
  });

  // A link to a hop or a scenario opens what it lies in.
  const reveal = () => {
    const id = location.hash.slice(1); // ids have nothing that a URL would escape
    if (!id) return;
    // What it lies in, from the outside: a scenario, and an attempt of it.
    const [, scenario, attempt] = id.match(/^(s\d+)(a\d+)?(?:h\d+)?$/) || [];
    for (const outer of [scenario, attempt && scenario + attempt]) {
      const details = outer && document.getElementById(outer);
      if (details) lay(details);
    }
    const target = document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let d = target.closest("details"); d; d = d.parentElement.closest("details")) {
      open(d);
      d.open = true;
    }
    target.scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", reveal);

  const form = document.querySelector(".filter");
  const suites = all(".suite"), scenarios = all("details.s");
  const settle = (shown) => {
    const counts = new Map(suites.map((suite) => [suite, 0]));
    for (const { parentElement: suite } of shown) counts.set(suite, counts.get(suite) + 1);
    for (const [suite, n] of counts) {
      suite.hidden = n === 0;
      // About how high it is while it is not visible, so that little jumps later.
      suite.style.containIntrinsicHeight = `auto ${3.5 + 3 * n}rem`;
    }
    form.querySelector("output").textContent = `${shown.length} of ${scenarios.length} shown`;
    document.getElementById("none").hidden = shown.length > 0;
  };
  let known; // what a choice looks at, read when there is one
  const read = (element) => ({
    element, status: element.dataset.status, flow: element.dataset.flow || "",
    tags: (element.dataset.tags || "").split(" "), text: element.querySelector(".name").textContent.toLowerCase(),
  });
  const apply = () => {
    known ||= scenarios.map(read);
    const data = new FormData(form);
    const statuses = data.getAll("status");
    const flow = data.get("flow"), tag = data.get("tag"), text = data.get("text").trim().toLowerCase();
    const shown = [];
    for (const s of known) {
      const ok = (statuses.length === 0 || statuses.includes(s.status)) && (!flow || s.flow === flow) &&
        (!tag || s.tags.includes(tag)) && s.text.includes(text);
      s.element.hidden = !ok;
      if (ok) shown.push(s.element);
    }
    settle(shown);
  };
  const reset = () => { form.reset(); apply(); };
  if (form) {
    form.addEventListener("input", apply);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    // A browser that comes back to the page keeps what was chosen.
    if ([...new FormData(form).values()].some(Boolean)) apply();
    else settle(scenarios);
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
  layRest();
  root.dataset.ready = "true";
})();
