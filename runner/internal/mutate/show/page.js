"use strict";
(() => {
  document.documentElement.classList.add("js");
  const form = document.querySelector("form.filter");
  const mutants = [...document.querySelectorAll(".m")];
  const texts = new Map();
  const textOf = (m) => { // without its screen and the sentence to add, which are alike in many
    const said = m.querySelectorAll(".what p");
    if (!texts.has(m)) texts.set(m, (said.length ? [...said].map((p) => p.textContent).join("\n") : m.textContent).toLowerCase());
    return texts.get(m);
  };
  const filter = () => {
    const kinds = new Set([...form.elements.kind.length === undefined ? [form.elements.kind] : form.elements.kind]
      .filter((box) => box.checked).map((box) => box.value));
    const group = form.elements.group.value, flow = form.elements.flow.value;
    const text = form.elements.text.value.trim().toLowerCase();
    let shown = 0;
    for (const m of mutants) {
      const is = kinds.has(m.dataset.kind) && (!group || m.dataset.group === group) &&
        (!flow || m.parentElement.dataset.flow === flow) && (!text || textOf(m).includes(text));
      m.hidden = !is;
      if (is) shown++;
    }
    for (const section of document.querySelectorAll("section.suite")) section.hidden = !section.querySelector(".m:not([hidden])");
    form.querySelector("output").textContent = `${shown} of ${mutants.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (e) => e.preventDefault());
  if (mutants.length) filter();
})();
