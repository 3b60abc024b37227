// A part of the batch tab: what is clicked becomes an event of the part. It is written anew while a
// run goes on; the button that had the focus then gets it back.

let last = null;

const keyOf = (button) =>
  button.classList.contains("pc-batch-main")
    ? ".pc-batch-main"
    : `[data-batch="${button.dataset.batch}"][data-id="${button.dataset.id}"]` +
      (button.dataset.batch === "page" ? "" : `[data-value="${button.dataset.value ?? ""}"]`);

element.addEventListener("focusin", (event) => {
  const button = event.target.closest("[data-batch]");
  last = button && keyOf(button);
});
element.addEventListener("focusout", (event) => {
  if (event.relatedTarget) last = null;
});
new MutationObserver(() => {
  if (!last || document.activeElement !== document.body) return;
  const again = element.querySelector(last) ?? element.querySelector("button:not(.pc-batch-delete)");
  again?.focus({ preventScroll: true });
}).observe(element, { childList: true, subtree: true });

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-batch]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const { batch: action, id, value = "" } = button.dataset;
  if (action === "delete" && !window.confirm(`Delete the run of “${value}” and its answers for good?`))
    return;
  trigger("select", { action, id, value });
  // Where the columns stand below one another, the run that was opened is out of sight.
  if (action === "open" && window.matchMedia("(max-width: 899px)").matches)
    document.getElementById("pc-batch-right").scrollIntoView();
});
