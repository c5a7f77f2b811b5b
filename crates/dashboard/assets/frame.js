// The script of every page: the presenter size, the keys, and the buttons that copy.

const element = (id) => document.getElementById(id);
// A browser can refuse to store. Then the choice is lost with the page.
const stored = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
const store = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* See above. */ } };

// ---- the presenter size ----------------------------------------------------------------------------------------------
function present(isOn) {
  document.documentElement.classList.toggle("presenter", isOn);
  element("presenter").setAttribute("aria-pressed", isOn);
  store("presenter", isOn ? "yes" : "no");
  dispatchEvent(new Event("resize"));
}
present(stored("presenter") === "yes");
element("presenter").onclick = () => present(!document.documentElement.classList.contains("presenter"));

// ---- the keys --------------------------------------------------------------------------------------------------------
element("keys").onclick = () => element("key-list").showModal();
element("keys-on").checked = stored("keys") !== "off";
element("keys-on").onchange = ({ target }) => store("keys", target.checked ? "on" : "off");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !element("keys-on").checked) return;
  const { target, key } = event;
  if (target.closest?.("input, select, textarea, dialog")) return;
  // On other elements, these keys have a meaning of their own: they scroll, switch tabs and press buttons.
  if (/^(Arrow|Enter)/.test(key) && target !== document.body && target.id !== "content") return;
  const pressed = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((found) => found.checkVisibility());
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

// ---- copying ---------------------------------------------------------------------------------------------------------
// A table becomes lines with tabs, which spreadsheets and editors accept.
function textOf(copied) {
  const table = copied.querySelector("table");
  if (!table) return copied.firstElementChild.innerText;
  const rows = [...table.rows].map((row) => [...row.cells].filter((cell) => !cell.matches(".bars")).map((cell) => cell.innerText.replace(/\s+/g, " ")));
  return rows.map((cells) => cells.join("\t")).join("\n");
}

document.addEventListener("click", async ({ target }) => {
  if (!target.matches?.("[data-copy]")) return;
  const copied = target.closest(".copied");
  const text = textOf(copied);
  try {
    await navigator.clipboard.writeText(text);
    target.textContent = "Copied";
  } catch {
    const box = Object.assign(document.createElement("textarea"), { value: text, rows: 6, readOnly: true });
    box.setAttribute("aria-label", "The text, to be copied");
    copied.querySelector("textarea")?.remove();
    copied.append(box);
    box.select();
    target.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { target.textContent = "Copy"; }, 3000);
});
