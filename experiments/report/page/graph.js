// Draws a graph as rows joined by arcs: a row a node in the order of the input, the answer last. Every end of an edge
// has a place of its own on its row, so that its mark stays legible.
"use strict";
const drawGraph = (() => {
  const kSpace = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;
  const kLetter = 7.2, kMostLetters = 26, kEnd = 11, kPad = 6, kFarthest = 900;  // pixels; an end's share of its row

  function svg(tag, attributes, ...children) {
    const out = document.createElementNS(kSpace, tag);
    for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, value);
    out.append(...children);
    return out;
  }
  const wide = (letter) => letter.codePointAt(0) >= 0x1100 ? 2 : 1;  // Chinese, Korean, emoji, …
  const widthOf = (name) => [...name].reduce((sum, letter) => sum + wide(letter), 0);
  function cut(name) {
    if (widthOf(name) <= kMostLetters) return name;
    let kept = "";
    for (const letter of name) {
      if (widthOf(kept) + wide(letter) >= kMostLetters) break;
      kept += letter;
    }
    return kept + "…";
  }

  // Places from the top of a row: ends of arcs that go up, the near ones first, then those that go down, the far ones
  // first; so arcs of one node do not cross each other.
  function placeEnds(rows, edges) {
    for (const edge of edges) {
      rows.get(edge.from).ends.push({edge, side: "from", other: edge.to});
      rows.get(edge.to).ends.push({edge, side: "to", other: edge.from});
    }
    let y = kPad;
    for (const row of rows.values()) {
      const up = row.ends.filter((end) => end.other < row.node).sort((a, b) => b.other - a.other);
      const down = row.ends.filter((end) => end.other > row.node).sort((a, b) => b.other - a.other);
      const ends = [...up, ...down], height = Math.max(24, kEnd * ends.length + 8);
      row.top = y;
      row.height = height;
      const first = y + height / 2 - kEnd * (ends.length - 1) / 2;
      ends.forEach((end, i) => { end.edge[`${end.side}Y`] = first + kEnd * i; });
      y += height;
    }
    return y + kPad;
  }

  // The mark at (x, y) of a line that arrives from the right.
  function mark(letter, x, y) {
    if (letter === "o") return svg("circle", {class: "circle", cx: x + 4, cy: y, r: 3.5});
    if (letter === "<" || letter === ">") return svg("path", {class: "head", d: `M${x} ${y}l9 -4.5v9z`});
    return svg("path", {d: `M${x} ${y}h9`});
  }

  // nodes: names by number, the last one is the answer; edges: at least one {from, to, symbol}, "o->" has the mark at
  // `from` first; members: a Set of numbers. Nodes without an edge have no row.
  return (nodes, edges, members) => {
    const root = nodes.length - 1;
    const ordered = edges.map(({from, to, symbol}) => from < to ? {from, to, at: [symbol[0], symbol.at(-1)]}
      : {from: to, to: from, at: [symbol.at(-1), symbol[0]]});
    const used = [...new Set(ordered.flatMap(({from, to}) => [from, to]))].sort((a, b) => a - b);
    const rows = new Map(used.map((node) => [node, {node, name: cut(nodes[node]), ends: []}]));
    const height = placeEnds(rows, ordered);
    const axis = kPad + Math.max(...[...rows.values()].map(({name}) => widthOf(name))) * kLetter + 14;
    const reach = ({fromY, toY}) => Math.min(kFarthest, 22 + 3.2 * Math.pow(toY - fromY, .72));
    const width = axis + Math.max(...ordered.map(reach)) + 2 * kPad;

    const out = svg("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "arcs",
      "aria-label": "The graph as arcs between rows; its edges are listed below."});
    const strong = ({from, to}) => to === root || members.has(from) || members.has(to);
    ordered.sort((a, b) => strong(a) - strong(b));  // the strong ones on top
    const arcs = ordered.map((edge) => {
      const bend = axis + reach(edge) * 4 / 3, {fromY, toY} = edge;
      const arc = svg("g", {class: strong(edge) ? "arc strong" : "arc"},
        svg("path", {d: `M${axis + 9} ${fromY}C${bend} ${fromY} ${bend} ${toY} ${axis + 9} ${toY}`}),
        mark(edge.at[0], axis, fromY), mark(edge.at[1], axis, toY));
      out.append(arc);
      return arc;
    });
    for (const row of rows.values()) {
      const kind = row.node === root ? "node root" : members.has(row.node) ? "node on" : "node";
      const label = svg("g", {class: kind, tabindex: 0},
        svg("title", {}, nodes[row.node]),
        svg("rect", {x: kPad / 2, y: row.top + 1, width: axis - kPad, height: row.height - 2, rx: 3}),
        svg("text", {x: axis - kPad - 6, y: row.top + row.height / 2 + 4.5, "text-anchor": "end"}, row.name));
      const point = (on) => {
        out.classList.toggle("pointed", on);
        ordered.forEach((edge, i) => arcs[i].classList.toggle("at", on && (edge.from === row.node || edge.to === row.node)));
      };
      for (const event of ["pointerenter", "focus"]) label.addEventListener(event, () => point(true));
      for (const event of ["pointerleave", "blur"]) label.addEventListener(event, () => point(false));
      out.append(label);
    }
    return out;
  };
})();
