// The list of earlier conversations: what is clicked becomes an event of the list.

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-kept]");
  if (!button) return;
  const { kept: action, id, title = "" } = button.dataset;
  if (action === "rename") {
    const name = window.prompt("A new name for the conversation", title);
    if (name) trigger("select", { action, id, title: name });
  } else if (action !== "delete" || window.confirm(`Delete “${title}” for good?`))
    trigger("select", { action, id, title });
});
