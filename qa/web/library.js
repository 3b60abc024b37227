// The list of documents: fetched page by page as it is searched, filtered, sorted. What is chosen
// stays chosen from page to page; what is to be done with it becomes an event of the list.

const at = (selector) => element.querySelector(selector);
const form = at("form"), place = at(".pc-table"), bar = at(".pc-chosen"), dialog = at("dialog");
const chosen = new Map(); // paths with their state
let order = { sort: "title", down: false, page: 1 };
let asked = 0; // the newest request; what an older one brings comes too late
let seen = { found: 0, all: 0 };

const number = (name) => {
  const words = form.elements[name].value.trim();
  return /^\d{1,4}$/.test(words) ? Number(words) : null;
};
const filters = () => ({
  search: form.elements.search.value,
  kind: form.elements.kind.value,
  state: form.elements.state.value,
  first: number("first"),
  last: number("last"),
});
const filtered = () => Object.values(filters()).some((value) => value !== "" && value !== null);
const many = (count) => `${count.toLocaleString("en")} document${count === 1 ? "" : "s"}`;

// Which button had the focus: it is another one after the table was fetched anew.
function held() {
  const { sort, page, again } = document.activeElement?.dataset ?? {};
  if (!place.contains(document.activeElement)) return null;
  if (sort) return `[data-sort="${sort}"]`;
  return page ? ".pc-pages" : again ? "[data-again]" : null;
}

async function fetchTable() {
  const mine = ++asked, focus = held();
  place.setAttribute("aria-busy", "true");
  try {
    const words = await server.library_table({ ...filters(), ...order });
    if (mine !== asked) return;
    place.innerHTML = words; // every word in it was escaped where it was made
  } catch {
    if (mine !== asked) return;
    place.textContent = "The list could not be fetched. Is the server still there?";
  }
  place.setAttribute("aria-busy", "false");
  const rows = at(".pc-rows");
  if (rows) {
    seen = { found: Number(rows.dataset.found), all: Number(rows.dataset.all) };
    offerKinds(JSON.parse(rows.dataset.kinds));
  }
  for (const box of place.querySelectorAll("[data-path]")) box.checked = chosen.has(box.dataset.path);
  tell();
  const target = focus && place.querySelector(focus);
  (target?.matches("nav") ? target.querySelector("button:not([disabled])") : target)?.focus();
}

function offerKinds(kinds) {
  const select = form.elements.kind, now = select.value;
  if ([...select.options].slice(1).map((one) => one.value).join() === kinds.join()) return;
  select.replaceChildren(select.options[0], ...kinds.map((kind) => new Option(kind, kind)));
  select.value = kinds.includes(now) ? now : "";
}

// Says what is chosen or found, and offers what can be done with it.
function tell() {
  const states = [...chosen.values()];
  const answering = states.filter((state) => state !== "failed").length;
  const some = chosen.size > 0, fewer = filtered() && seen.found > 0;
  bar.classList.toggle("pc-some", some);
  bar.querySelector("p").textContent = some
    ? `${many(chosen.size)} chosen`
    : filtered() ? `${seen.found.toLocaleString("en")} of ${many(seen.all)}` : many(seen.all);
  const button = (name) => bar.querySelector(`[data-do="${name}"]`);
  const all = button("all"), limit = button("limit");
  all.hidden = !seen.found || chosen.size >= seen.found;
  all.textContent = `Choose all ${seen.found.toLocaleString("en")}`;
  button("none").hidden = !some;
  button("remove").hidden = !some;
  button("again").hidden = !some || answering === states.length;
  limit.hidden = some ? answering === 0 : !fewer;
  const count = some ? answering : seen.found;
  limit.textContent = count === 1 ? "Ask only this one" : `Ask only these ${count.toLocaleString("en")}`;
}

function choose(path, state, on) {
  if (on) chosen.set(path, state);
  else chosen.delete(path);
}

function chooseNone() {
  chosen.clear();
  for (const box of place.querySelectorAll("[data-path]")) box.checked = false;
  tell();
}

async function chooseAll() {
  const states = await server.library_paths({ ...filters(), ...order });
  for (const [path, state] of states) choose(path, state, true);
  for (const box of place.querySelectorAll("[data-path]")) box.checked = chosen.has(box.dataset.path);
  tell();
}

const actions = {
  all: chooseAll,
  none: chooseNone,
  again: () => trigger("select", { action: "again", paths: [...chosen.keys()] }),
  limit: () =>
    trigger(
      "input",
      chosen.size
        ? { action: "limit", paths: [...chosen.keys()] }
        : { action: "limit", wanted: { ...filters(), ...order } },
    ),
  remove: () => {
    dialog.querySelector("h2").textContent = `Remove ${many(chosen.size)} from the collection?`;
    dialog.showModal();
  },
  keep: () => dialog.close(),
  really: () => {
    dialog.close();
    trigger("select", { action: "remove", paths: [...chosen.keys()] });
    chooseNone();
  },
};

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("button");
  if (!button) return;
  const { do: action, sort, page, again } = button.dataset;
  if (action) actions[action]();
  else if (again) trigger("select", { action: "again", paths: [again] });
  else if (sort) {
    // The newest and the longest are what is looked for first.
    const down = sort === order.sort ? !order.down : sort === "year" || sort === "passages";
    order = { sort, down, page: 1 };
    fetchTable();
  } else if (page) {
    order.page = Number(page);
    fetchTable();
  }
});

element.addEventListener("change", (event) => {
  const { path, state } = event.target.dataset;
  if (path === undefined) return;
  choose(path, state, event.target.checked);
  tell();
});

let waits;
form.addEventListener("input", () => {
  order.page = 1;
  clearTimeout(waits);
  waits = setTimeout(fetchTable, 150);
});
form.addEventListener("submit", (event) => event.preventDefault());

document.addEventListener("pincite-library", fetchTable);
// Others may add documents too: fetched anew whenever the tab comes into sight.
new IntersectionObserver(([entry]) => {
  if (entry.isIntersecting) fetchTable();
}).observe(element);
