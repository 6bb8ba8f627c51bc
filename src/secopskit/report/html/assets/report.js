"use strict";
// Search, filter, sort and unfold. Without it the page shows everything.
// Of many rows the first hundreds are shown, and more on demand: a browser lays out no thousands for nobody.
// The state is kept in the fragment (#q=slack&severity=high&sort=2), so a view can be shared.
(() => {
  const table = document.querySelector("table.findings");
  document.documentElement.classList.add("js");
  if (!table) return;
  const bodies = [...table.tBodies];
  const known = new Map();  // filled by the first search: most readers of thousands never search
  const words = (body) => {
    if (!known.has(body)) known.set(body, body.textContent.toLowerCase());
    return known.get(body);
  };
  const search = document.querySelector("#search");
  const shown = document.querySelector("#shown");
  const tiles = [...document.querySelectorAll(".tile")];
  const heads = [...table.querySelectorAll("th[data-column]")];
  const choices = [...document.querySelectorAll(".tools select[data-filter]")];
  const STEP = 200;
  let most = STEP;
  const more = document.createElement("button");
  more.type = "button";
  more.id = "more";
  table.after(more);
  const state = { q: "", severity: "", sort: "" };
  for (const choice of choices) state[choice.dataset.filter] = "";

  // What holds for a whole rule stands once on the page.
  const advise = (body) => {
    const link = body.querySelector("a.fix");
    const rule = link && document.querySelector(link.getAttribute("href"));
    if (rule) link.replaceWith(...[...rule.querySelectorAll("p")].map((one) => one.cloneNode(true)));
  };

  const unfold = (body, open) => {
    if (open) advise(body);
    body.querySelector(".open").setAttribute("aria-expanded", String(open));
    body.querySelector("tr.body").hidden = !open;
  };

  const filter = () => {
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const body of table.tBodies) {
      const fits = (!state.severity || body.dataset.severity === state.severity)
        && choices.every(({ dataset: { filter: name } }) => !state[name] || body.dataset[name] === state[name])
        && wanted.every((word) => words(body).includes(word));
      body.hidden = !fits || number >= most;
      number += fits ? 1 : 0;
    }
    const left = Math.max(number - most, 0);
    more.hidden = !left;
    more.textContent = `Show ${Math.min(left, STEP)} more of ${left}`;
    shown.textContent = left ? `${most} of ${number} found shown` : `${number} of ${bodies.length} shown`;
    for (const tile of tiles) tile.setAttribute("aria-pressed", String(tile.dataset.severity === state.severity));
  };

  const sort = () => {
    const [column, down] = [parseInt(state.sort, 10), state.sort.endsWith("d")];
    for (const head of heads) head.removeAttribute("aria-sort");
    const head = heads.find((one) => Number(one.dataset.column) === column);
    if (!head) return;
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (body) => {
      const cell = body.querySelector("tr.head").cells[column];
      return cell.dataset.key ?? cell.textContent;
    };
    const ordered = [...bodies].sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }));
    table.append(...(down ? ordered.reverse() : ordered));
  };

  const keep = () => {
    const set = Object.entries(state).filter(([, value]) => value);
    try { history.replaceState(null, "", set.length ? `#${new URLSearchParams(set)}` : "#"); } catch { /* a page without an origin */ }
  };

  const arrive = () => {
    const fragment = decodeURIComponent(location.hash.slice(1).split("=")[0]);
    const target = bodies.find((body) => body.id === fragment);
    if (target) {
      filter();
      target.hidden = false;
      unfold(target, true);
      target.scrollIntoView();
      return;
    }
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(state)) state[name] = given.get(name) || "";
    search.value = state.q;
    for (const choice of choices) choice.value = state[choice.dataset.filter];
    sort();
    filter();
  };

  bodies.forEach((body) => unfold(body, false));
  search.addEventListener("input", () => { most = STEP; state.q = search.value; filter(); keep(); });
  for (const tile of tiles) tile.addEventListener("click", () => {
    state.severity = state.severity === tile.dataset.severity ? "" : tile.dataset.severity;
    filter(); keep();
  });
  for (const choice of choices) choice.addEventListener("change", () => {
    state[choice.dataset.filter] = choice.value;
    filter(); keep();
  });
  for (const head of heads) head.querySelector("button").addEventListener("click", () => {
    const again = head.getAttribute("aria-sort") === "ascending";
    state.sort = head.dataset.column + (again ? "d" : "");
    sort(); filter(); keep();
  });
  more.addEventListener("click", () => { most += STEP; filter(); });
  table.addEventListener("click", (event) => {
    const button = event.target.closest(".open");
    if (button) unfold(button.closest("tbody"), button.getAttribute("aria-expanded") !== "true");
  });
  window.addEventListener("hashchange", arrive);
  arrive();
})();
