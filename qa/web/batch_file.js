// A file that was asked for is saved as soon as it is on the page.

watch("value", () => {
  const link = element.querySelector("a[data-base64]");
  if (!link) return;
  const bytes = Uint8Array.from(atob(link.dataset.base64), (letter) => letter.charCodeAt(0));
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  link.removeAttribute("data-base64");
});
