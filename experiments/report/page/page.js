// The list of samples: users, or texts. All text is put in as text, never as markup; cards are made a screenful at a time.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), more = byId("more"), query = byId("query");
  const method = byId("method"), status = byId("status"), count = byId("count");
  const kAtOnce = 30, kFewHeads = 4, kMostDrawn = 1500;
  const words = data.words;

  // element("p", {class: "soft"}, "text", otherElement, …)
  function element(tag, attributes, ...children) {
    const out = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, value);
    out.append(...children);
    return out;
  }
  // Made when it is opened for the first time.
  function details(title, make) {
    const out = element("details", {}, element("summary", {}, title));
    out.addEventListener("toggle", () => { if (out.childElementCount === 1) out.append(...make()); });
    return out;
  }
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const title = (item) => data.items[item];
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  function separated(parts) {
    return parts.flatMap((part, i) => i === 0 ? [part]
      : [i + 1 === parts.length ? " and " : ", ", part]);
  }
  const kind = (result) => result.status === "found" ? "minimal" : result.status;  // "found": of any size
  const rankText = (rank) => rank === null ? "outside the original top 10" : `number ${rank} of the original top 10`;
  const marked = (sample, set) => set.members.map((i) => element("mark", {}, title(sample.parts[i])));
  const capital = (word) => word[0].toUpperCase() + word.slice(1);

  function verdict(sample, result) {
    if (result.sets.length === 0)
      return result.status === "budget"
        ? ["No set was found before a bound was hit", result.bound ? ` (${result.bound}).` : "."]
        : [`No legal set changes ${words.answer}.`];
    const set = result.sets[0];
    return ["Without ", ...separated(marked(sample, set)), ` the model ${words.says} `,
      element("strong", {}, title(set.replacement)), words.ranks ? `, ${rankText(set.rank)}.` : "."];
  }

  // The text as it was written.
  function text(sample, members) {
    return element("p", {class: "text"}, ...sample.runs.map(([run, ...parts]) =>
      parts.some((part) => members.has(part)) ? element("mark", {}, run) : run));
  }

  function strip(sample, members) {
    const out = element("div", {class: "strip", "aria-hidden": "true"});
    sample.parts.forEach((item, i) =>
      out.append(element("i", {class: members.has(i) ? "on" : "", title: `${i + 1}. ${title(item)}`})));
    return out;
  }

  function history(sample, members) {
    const items = sample.parts.map((item, i) =>
      element("li", {}, members.has(i) ? element("mark", {}, title(item)) : title(item)));
    return [element("ol", {class: "history"}, ...items)];
  }

  function otherSets(sample, sets) {
    return [element("ul", {}, ...sets.map((set) => element("li", {}, ...separated(marked(sample, set)), " → ",
      title(set.replacement), words.ranks ? ` (${rankText(set.rank)})` : "")))];
  }

  const nameOf = (sample, node) => node === sample.parts.length ? title(sample.answer) : title(sample.parts[node]);
  const numbered = (sample, node) =>
    `${nameOf(sample, node)} [${node === sample.parts.length ? words.target : node + 1}]`;

  // The picture, and the edges in words, those at the answer first.
  function graph(sample, flat, members) {
    if (flat.length === 0) return [element("p", {class: "soft"}, "No edge.")];
    const root = sample.parts.length, drawn = [], near = [], far = [];
    for (let i = 0; i < flat.length; i += 3) {
      const [from, to, symbol] = [flat[i], flat[i + 1], data.symbols[flat[i + 2]]];
      drawn.push({from, to, symbol});
      const line = `${numbered(sample, from)} ${symbol} ${numbered(sample, to)}`;
      (from === root || to === root ? near : far).push(line);
    }
    const nodes = [...sample.parts.map(title), `${title(sample.answer)} [${words.target}]`];
    const written = details("Edges as text", () => [element("pre", {}, near.concat(far).join("\n"))]);
    // more than a browser draws at once, or an eye takes in
    const few = drawn.length <= kMostDrawn ? drawn
      : drawn.filter(({from, to}) => from === root || to === root || members.has(from) || members.has(to));
    if (few.length === 0 || few.length > kMostDrawn)
      return [element("p", {class: "soft"}, "Too many edges to draw."), written];
    return [element("div", {class: "arcs-box"}, drawGraph(nodes, few, members)),
      element("p", {class: "soft"}, "Circle: undetermined. Arrowhead: no cause of the other end. Bare end: a cause of it. " +
        `Dark: edges of ${words.answer} and of the explanation. Point at a row to see its edges alone.` +
        (few.length < drawn.length ? " Other edges are left out: too many to draw." : "")),
      written];
  }

  function card(sample) {
    const result = sample.methods[method.value];
    const members = new Set(result && result.sets.length ? result.sets[0].members : []);
    const label = !result ? "not run" : {minimal: "explained", none: "none found", budget: "budget spent"}[kind(result)];
    const out = element("article", {class: "card"},
      element("h3", {}, `${capital(words.sample)} ${sample.source}: ${title(sample.answer)}`,
        element("span", {class: `badge ${result ? kind(result) : ""}`}, label)));
    if (sample.runs) out.append(text(sample, members));
    if (result) out.append(element("p", {}, ...verdict(sample, result)));
    if (!sample.runs) out.append(strip(sample, members));
    const facts = [plural(sample.parts.length, words.part) + (sample.runs ? "" : " of history")];
    if (sample.runs) facts.push(`probability ${sample.probability.toFixed(3)}`);
    if (sample.label) facts.push(sample.label === title(sample.answer) ? "right" : `wrong: ${sample.label}`);
    if (result) {
      facts.push(plural(result.calls, "model call"));
      if (result.sets.length && result.sets[0].margin !== null)
        facts.push(`margin ${result.sets[0].margin.toPrecision(3)}`);
      if (result.sets.length && result.sets[0].heads.length)
        facts.push(`proposed by head ${result.sets[0].heads.join(", ")}`);
    }
    out.append(element("p", {class: "facts-line"}, facts.join(" · ")));
    for (const warning of sample.warnings) out.append(element("p", {class: "warning"}, `Warning: ${warning}`));
    if (!sample.runs) out.append(details("History", () => history(sample, members)));
    if (result && result.sets.length > 1)
      out.append(details(`${plural(result.sets.length - 1, "other set")} of the same size`,
        () => otherSets(sample, result.sets.slice(1))));
    if (words.ranks)
      out.append(details("Original top 10", () => [element("ol", {}, ...sample.top10.map((item) =>
        element("li", {}, title(item))))]));
    const graphs = () => sample.graphs.map((head) =>
      details(`Graph of head ${head.head}: ${plural(head.edges.length / 3, "edge")}`,
        () => graph(sample, head.edges, members)));
    if (sample.graphs.length > kFewHeads)
      out.append(details(`Graphs of ${plural(sample.graphs.length, "head")}`, graphs));
    else
      out.append(...graphs());
    return out;
  }

  // What the search looks at: the sample's name, its answers and all parts of the card.
  const texts = new Map();
  function textOf(sample) {
    if (!texts.has(sample)) {
      const items = new Set([sample.answer, ...sample.parts]);
      for (const result of Object.values(sample.methods)) for (const set of result.sets) items.add(set.replacement);
      texts.set(sample, plain([`${words.sample} ${sample.source}`, ...[...items].map(title),
        (sample.runs || []).map(([run]) => run).join("")].join("\n")));
    }
    return texts.get(sample);
  }
  function wanted(sample, phrase) {
    const result = sample.methods[method.value];
    if (status.value === "warned" && sample.warnings.length === 0) return false;
    if (status.value && status.value !== "warned" && (!result || kind(result) !== status.value)) return false;
    return textOf(sample).includes(phrase);
  }

  let found = [], shown = 0;
  function showMore() {
    const next = found.slice(shown, shown + kAtOnce);
    list.append(...next.map(card));
    shown += next.length;
    more.hidden = shown >= found.length;
  }
  function restart() {
    const phrase = plain(query.value.trim());
    found = data.samples.filter((sample) => wanted(sample, phrase));
    list.replaceChildren();
    shown = 0;
    count.textContent = data.samples.length === 0 ? "The run has no sample yet."
      : `${found.length} of ${plural(data.samples.length, words.sample)}`;
    showMore();
  }

  for (const {name: value, label} of data.methods) method.append(element("option", {value}, label));
  byId("controls").hidden = data.samples.length === 0;
  let waiting = 0;
  query.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(restart, 150); });
  method.addEventListener("change", restart);
  status.addEventListener("change", restart);
  more.addEventListener("click", showMore);
  restart();
  if ("IntersectionObserver" in window) {
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      showMore();
      observer.unobserve(more);  // observed anew, it reports again when it is still in view
      observer.observe(more);
    }, {rootMargin: "600px"});
    observer.observe(more);
  }
})();
