// The line on what questions are limited to: its buttons become events of the line.

element.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-limit]");
  if (button) trigger("select", { action: button.dataset.limit });
});
