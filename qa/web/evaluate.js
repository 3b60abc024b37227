// Evaluations, in the list and in the result: what is chosen becomes an event of the element.

const narrow = window.matchMedia("(max-width: 899px)");

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-run], [data-goto]");
  if (!button) return;
  if (button.dataset.goto) {
    const heading = element.querySelector(`${button.dataset.goto} h3`);
    heading?.scrollIntoView({ block: "start" });
    heading?.focus({ preventScroll: true });
    return;
  }
  const { run: action, id = "", against = "", title = "" } = button.dataset;
  if (action !== "delete" || window.confirm(`Delete the evaluation “${title}” for good?`))
    trigger("select", { action, id, against });
  // On a phone the evaluation stands below the list.
  if (action === "open" && narrow.matches)
    document.getElementById("pc-eval-result").scrollIntoView({ block: "start" });
});

element.addEventListener("change", (event) => {
  const select = event.target instanceof Element && event.target.closest("[data-compare]");
  if (select) trigger("select", { action: "open", id: select.dataset.compare, against: select.value });
});
