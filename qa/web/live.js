// Says the newest answer to those who do not see it. The conversation is drawn anew with every
// step, which a screen reader would read out from its beginning or not at all; `element` stays.

const place = element.querySelector("[role=status]");
const words = (inside, path) => inside.querySelector(path)?.textContent.trim() ?? "";

function said() {
  const turns = document.querySelectorAll("#pc-conversation .pc-turn");
  const newest = turns[turns.length - 1];
  if (!newest) return "";
  const waiting = newest.querySelector(".pc-pending");
  if (waiting) return waiting.textContent.trim();
  const problem = words(newest, ".pc-problem");
  if (problem) return problem;
  const none = newest.querySelector(".pc-none");
  if (none) return `${words(none, "h3")}. ${words(none, "p")}`;
  const parts = [...(newest.querySelector(".pc-sureness")?.childNodes ?? [])];
  const sure = parts.map((part) => part.textContent.trim()).filter(Boolean).join(" ");
  return `${sure}. ${words(newest, ".pc-quote blockquote")}`;
}

let due;
new MutationObserver(() => {
  clearTimeout(due);
  due = setTimeout(() => {
    const now = said();
    if (now !== place.textContent) place.textContent = now;
  }, 120);
}).observe(document.getElementById("pc-tabs") ?? document.body, { childList: true, subtree: true });
