// Copies what stands in a field that cannot be changed, by a button beside it.
for (const field of document.querySelectorAll("input[readonly]")) {
  const button = document.getElementById("copy").content.firstElementChild.cloneNode(true);
  button.onclick = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // without https there is no other way
    }
    const [before, after] = button.children;
    [before.hidden, after.hidden] = [true, false];
  };
  field.closest("label").after(button);
}
