// The list of conversations: what is clicked becomes an event of the list.

let stays = null; // the conversation after whose change the list is to be open again

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-kept]");
  if (!button) return;
  const { kept: action, id, title = "" } = button.dataset;
  stays = null;
  if (action === "rename") {
    const name = window.prompt("A new name for the conversation", title);
    if (!name) return;
    stays = id;
    trigger("select", { action, id, title: name });
  } else if (action !== "delete" || window.confirm(`Delete “${title}” for good?`)) {
    if (action === "delete") stays = id;
    trigger("select", { action, id, title });
  }
});

// It lies over the conversation: out of the way when it is done with.
const close = () => element.querySelector("details[open]")?.removeAttribute("open");
document.addEventListener("click", (event) => {
  if (event.target instanceof Node && document.contains(event.target) && !element.contains(event.target))
    close();
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !element.querySelector("details[open]")) return;
  close();
  element.querySelector("summary").focus();
});

watch("value", () => {
  // What a reload shows again; another tab of the browser may show another conversation.
  const current = element.querySelector("li[aria-current] [data-id]");
  sessionStorage.setItem("pincite-conversation", current?.dataset.id ?? "");
  if (stays === null) return;
  const list = element.querySelector("details");
  if (list) {
    list.open = true;
    const same = [...list.querySelectorAll("[data-kept=rename]")].find((one) => one.dataset.id === stays);
    (same ?? list.querySelector("summary")).focus();
  }
  stays = null;
});
