// Evaluations, in the list and in the result: what is chosen becomes an event of the element.

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-run]");
  if (!button) return;
  const { run: action, id = "", against = "", title = "" } = button.dataset;
  if (action !== "delete" || window.confirm(`Delete the evaluation “${title}” for good?`))
    trigger("select", { action, id, against });
});

element.addEventListener("change", (event) => {
  const select = event.target instanceof Element && event.target.closest("[data-compare]");
  if (select) trigger("select", { action: "open", id: select.dataset.compare, against: select.value });
});
