// Copies what stands in a field that cannot be changed, by a button beside it.
for (const field of document.querySelectorAll("input[readonly]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.onclick = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // without https there is no other way
    }
    button.textContent = "Copied";
  };
  field.closest("label").after(button);
}
