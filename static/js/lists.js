// A list that folds into cards on a phone: each cell learns the name of its column. Without this script the cards lack those names, no more.
for (const table of document.querySelectorAll("#result_list.c-fold")) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.querySelector(".text")?.textContent.trim() ?? "");
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, i) => {
      if (cell.tagName === "TD" && names[i] && !cell.classList.contains("action-checkbox")) cell.dataset.l = names[i];
    });
  }
}
