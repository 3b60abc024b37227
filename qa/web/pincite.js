// Runs once, when the conversation is on the page. `element` is the conversation, `watch` tells of
// new content. All of it is reading aid: without it the page still shows every word.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const behavior = () => (calm.matches ? "auto" : "smooth");
const narrow = window.matchMedia("(max-width: 899px)");

function go(target, block) {
  target.scrollIntoView({ behavior: behavior(), block });
  target.focus({ preventScroll: true });
}

// Shows the card with this id among the sources, with its turn's other cards, and marks both the
// card and the number that leads to it.
function show(id, marker) {
  const card = document.getElementById(id);
  if (!card) return;
  const mine = card.closest(".pc-sources");
  for (const section of document.querySelectorAll(".pc-sources"))
    section.classList.toggle("pc-picked", section === mine);
  for (const old of document.querySelectorAll(".pc-active")) old.classList.remove("pc-active");
  for (const old of document.querySelectorAll(".pc-marker[aria-current]"))
    old.removeAttribute("aria-current");
  card.classList.add("pc-active");
  marker?.setAttribute("aria-current", "true");
  go(card, narrow.matches ? "start" : "nearest");
}

function back(id) {
  const quote = document.getElementById(id);
  if (!quote) return;
  go(quote, "center");
  quote.querySelector(".pc-marker")?.focus({ preventScroll: true });
}

// Asks as a person would: types the question and presses the button.
function ask(question) {
  const box = document.querySelector("#pc-question textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => document.querySelector("#pc-question .submit-button").click(), 60);
}

// Puts words into the question box, to be changed and asked.
function type(question) {
  const box = document.querySelector("#pc-question textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

// A question is kept until its answer is there: the page loads itself anew where the server was away,
// and then it stands in the box again.
const DRAFT = "pincite-draft";
document.addEventListener("input", (event) => {
  if (event.target instanceof Element && event.target.matches("#pc-question textarea"))
    sessionStorage.setItem(DRAFT, event.target.value);
});
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("#pc-afresh"))
    sessionStorage.removeItem(DRAFT);
});
function answered(turn) {
  const question = turn?.querySelector(".pc-question")?.textContent.trim();
  if (question === undefined || turn.querySelector(".pc-pending")) return;
  if (question === sessionStorage.getItem(DRAFT)?.trim()) sessionStorage.removeItem(DRAFT);
}

// The next or the one before of the shown turn's citations, by key.
function step(by) {
  const cards = [...document.querySelectorAll(".pc-sources .pc-card")].filter(
    (card) => card.offsetParent !== null,
  );
  if (!cards.length) return;
  const at = cards.findIndex((card) => card.classList.contains("pc-active"));
  const next = cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : (at + by + cards.length) % cards.length];
  show(next.id, document.querySelector(`.pc-marker[data-show="${next.id}"]`));
}

// Keys that the page names beside the sources. Nothing happens while the conversation is hidden.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  if (element.offsetParent === null) return;
  const box = document.querySelector("#pc-question textarea");
  if (event.key === "Escape" && event.target === box) {
    const newest = [...element.querySelectorAll(".pc-turn")].pop();
    const first = newest?.querySelector(".pc-quote, .pc-none");
    if (first) first.focus({ preventScroll: true });
    else box.blur();
  }
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "n") step(1);
  else if (event.key === "p") step(-1);
  else if (event.key === "/") {
    event.preventDefault();
    box.focus();
  }
});

// What was understood, opened to be changed, or closed again.
function change(button) {
  const form = document.getElementById(button.dataset.change);
  form.hidden = !form.hidden;
  button.setAttribute("aria-expanded", String(!form.hidden));
  button.textContent = form.hidden ? "Change" : "Cancel";
  if (form.hidden) return;
  form.scrollIntoView({ behavior: behavior(), block: "nearest" });
  form.querySelector("textarea").select();
}

function put(form) {
  const question = form.querySelector("textarea").value.trim();
  if (question) trigger("submit", { question });
}

element.addEventListener("submit", (event) => {
  if (!event.target.matches(".pc-change")) return;
  event.preventDefault();
  put(event.target);
});
element.addEventListener("keydown", (event) => {
  const form = event.target.closest(".pc-change");
  if (!form) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    put(form);
  } else if (event.key === "Escape") {
    const button = document.querySelector(`[data-change="${form.id}"]`);
    change(button);
    button.focus();
  }
});

// What the person makes of an answer goes to the server; what stands under the answer comes back.
let judged = null;
function judge(button) {
  const { judge: action, turn, document: id = "", start = 0, end = 0 } = button.dataset;
  judged = { turn, action };
  trigger("select", {
    action,
    turn: Number(turn),
    document: id,
    start: Number(start),
    end: Number(end),
  });
}

// Documents are added in the library; the button below the question leads there.
const add = () => document.getElementById("pc-add").click();

async function copy(button) {
  const words = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // The clipboard is closed to pages that come over plain http from another machine.
    const box = document.createElement("textarea");
    box.value = words;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  button.disabled = true;
  setTimeout(() => {
    button.textContent = label;
    button.disabled = false;
  }, 1600);
}

// Opens the original under its button, fetched when it is first wanted, or closes it again.
async function original(button) {
  const place = document.getElementById(button.dataset.original);
  const opens = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(opens));
  button.textContent = opens ? button.dataset.close : button.dataset.open;
  place.hidden = !opens;
  if (!opens || place.dataset.state) return;
  const { document: id, start, end } = button.dataset;
  place.dataset.state = "loading";
  place.innerHTML = '<p class="pc-pending" role="status"><span></span>Opening the original…</p>';
  try {
    // Every word in it was escaped where it was made.
    place.innerHTML = await server.show_original({
      document: id,
      start: Number(start),
      end: Number(end),
    });
    place.dataset.state = "shown";
    const mark = place.querySelector(".pc-lines mark");
    const lines = mark?.closest("ol");
    if (lines) lines.scrollTop = mark.offsetTop - lines.offsetTop - lines.clientHeight / 3;
    await Promise.all([...place.querySelectorAll("img")].map((one) => one.decode().catch(() => {})));
    place.scrollIntoView({ behavior: behavior(), block: "nearest" });
  } catch {
    place.textContent = "The original could not be fetched. Is the server still there?";
    delete place.dataset.state; // opened again, it is asked for again
  }
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const link = event.target.closest(
    "[data-show], [data-back], [data-copy], [data-ask], [data-type], [data-original], " +
      "[data-closer], [data-change], [data-judge], [data-add]",
  );
  if (!link) return;
  event.preventDefault();
  if (link.dataset.show) show(link.dataset.show, link);
  else if (link.dataset.back) back(link.dataset.back);
  else if (link.dataset.copy) copy(link);
  else if (link.dataset.original) original(link);
  else if (link.dataset.type) type(link.dataset.type);
  else if (link.dataset.change) change(link);
  else if (link.dataset.judge) judge(link);
  else if ("add" in link.dataset) add();
  else if ("closer" in link.dataset) link.closest(".pc-page").classList.toggle("pc-other");
  else ask(link.dataset.ask);
});

// The numbers of a turn that was drawn anew: which is shown is told again.
function remark() {
  const card = document.querySelector(".pc-card.pc-active");
  element.querySelector(`.pc-marker[data-show="${card?.id}"]`)?.setAttribute("aria-current", "true");
}

let drawn = 0;
watch("value", () => {
  const turns = element.querySelectorAll(".pc-turn");
  const same = turns.length === drawn;
  drawn = turns.length;
  answered(turns[turns.length - 1]);
  if (judged !== null && same) {
    // The same turns, one of them with another verdict: nothing moves but the focus.
    const verdict = document.querySelector(`#turn-${judged.turn} .pc-verdict`);
    const inner = judged.action === "wrong" ? verdict?.querySelector("button") : verdict;
    inner?.focus({ preventScroll: true });
    if (judged.action === "wrong") verdict?.scrollIntoView({ behavior: behavior(), block: "nearest" });
    judged = null;
    remark();
    return;
  }
  judged = null;
  // What was picked before gives way to the newest.
  for (const old of document.querySelectorAll(".pc-picked")) old.classList.remove("pc-picked");
  document.getElementById("pc-sources").scrollTop = 0;
  const newest = turns[turns.length - 1];
  newest?.scrollIntoView({ behavior: behavior(), block: "start" });
});

// The box comes onto the page after the conversation. Ready to type where a keyboard is at hand; on
// a phone that would push the page away.
function begin() {
  const box = document.querySelector("#pc-question textarea");
  if (!box) {
    setTimeout(begin, 20);
    return;
  }
  if (!narrow.matches) box.focus({ preventScroll: true });
  const draft = sessionStorage.getItem(DRAFT);
  if (!draft || box.value) return;
  box.value = draft;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
begin();
