// What is only comfortable on the pages of the registry: a button beside each text that is there to be copied.
for (const text of document.querySelectorAll("[data-copied]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-describedby", text.id);
  button.addEventListener("click", async () => {
    text.select();
    // pages that came over plain HTTP from another machine have no clipboard; the text is selected there
    const done = await navigator.clipboard?.writeText(text.value).then(() => true, () => false);
    button.textContent = done ? "Copied" : "Selected";
  });
  text.after(button);
}
