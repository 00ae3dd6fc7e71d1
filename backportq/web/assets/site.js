"use strict";
// What a page can do beyond being read: filter, sort, search, move by keys, copy, choose a theme.
// Everything is put into the page as text, never as markup: subjects and names come from anybody.
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.body.dataset.root;
  all(".js").forEach((part) => { part.hidden = false; });

  // Theme: as the system says, or as chosen; the choice is kept where the browser allows that.
  const themes = ["auto", "light", "dark"];
  const kept = { get() { try { return localStorage.getItem("theme"); } catch { return null; } }, set(value) { try { localStorage.setItem("theme", value); } catch { /* not kept */ } } };
  const themeButton = $("#theme");
  const setTheme = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(kept.get()) ? kept.get() : "auto";
  setTheme(theme);
  themeButton.addEventListener("click", () => { theme = themes[(themes.indexOf(theme) + 1) % 3]; kept.set(theme); setTheme(theme); });

  // Commands to copy.
  all(".copy").forEach((button) => button.addEventListener("click", async () => {
    const code = $("code", button.parentElement);
    try { await navigator.clipboard.writeText(code.textContent); button.textContent = "Copied"; } catch {
      const range = document.createRange(); range.selectNodeContents(code);
      getSelection().removeAllRanges(); getSelection().addRange(range); button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }));

  // Headers that sort become buttons.
  const asButton = (header, act) => {
    const button = document.createElement("button");
    button.type = "button";
    if ($("a", header)) { button.textContent = "\u2195"; button.setAttribute("aria-label", `Sort by ${header.textContent}`); header.append(" ", button); }
    else { button.append(...header.childNodes); header.append(button); }
    button.addEventListener("click", act);
  };
  const showSort = (headers, header, descending) => headers.forEach((each) => {
    if (each === header) each.setAttribute("aria-sort", descending ? "descending" : "ascending"); else each.removeAttribute("aria-sort");
  });

  // Keys: rows are walked with j and k, the search is entered with a slash.
  const search = $("#q");
  let at = -1;
  const rows = () => all("#matrix tbody tr, #items-table tbody tr").filter((row) => !row.hidden && $("a", row));
  const go = (step) => {
    const list = rows();
    if (!list.length) return;
    all("tr.at").forEach((row) => row.classList.remove("at"));
    at = Math.max(0, Math.min(list.length - 1, at + step));
    list[at].classList.add("at"); $("a", list[at]).focus(); list[at].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && search) { event.preventDefault(); search.focus(); search.select(); }
    else if (event.key === "Escape" && document.activeElement === search) { search.value = ""; search.dispatchEvent(new Event("input", { bubbles: true })); search.blur(); }
    else if (!typing && event.key === "j") go(1);
    else if (!typing && event.key === "k") go(-1);
  });

  // A page of one branch: what stands on it is narrowed and sorted where it stands.
  const items = $("#items-table");
  if (items) {
    const body = items.tBodies[0], lines = all("tr", body).filter((row) => $("a", row)), headers = all("thead th", items), count = $("#count");
    const texts = new Map(lines.map((row) => [row, row.textContent.toLowerCase()]));
    const narrow = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of lines) { row.hidden = !words.every((word) => texts.get(row).includes(word)); shown += !row.hidden; }
      count.textContent = words.length ? `${shown} of ${lines.length}` : `${lines.length} items`; at = -1;
    };
    search.addEventListener("input", narrow);
    headers.forEach((header, column) => {
      if (!header.dataset.sort) return;
      asButton(header, () => {
        const descending = header.getAttribute("aria-sort") === "ascending";
        const value = (row) => row.cells[column].textContent.trim();
        const compare = header.dataset.sort === "number" ? (a, b) => (parseFloat(value(a)) || 0) - (parseFloat(value(b)) || 0) : (a, b) => value(a).localeCompare(value(b));
        lines.sort((a, b) => (descending ? -compare(a, b) : compare(a, b)));
        body.append(...lines); showSort(headers, header, descending); at = -1;
      });
    });
    narrow();
  }

  // The matrix of all changes: the rows beyond the first come with a script when they are first asked for.
  const matrix = $("#matrix");
  if (!matrix) return;
  const body = matrix.tBodies[0], form = $("#filters"), more = $("#more"), count = $("#count"), pager = $(".pager");
  const headers = all("thead th[data-sort]", matrix);
  const words = Object.fromEntries(all("#answer option").map((option) => [option.value, option.textContent]));
  const FIRST = 60, STEP = 120, ORDER = "abcxeudwkslnoq"; // of a branch: what applies first, then what stands in the way, then what is done
  let data = null, found = [], drawn = 0, sort = { key: "", descending: false }, waiting = [];
  const load = (then) => {
    if (data) { then(); return; }
    waiting.push(then);
    if (waiting.length > 1) return;
    window.backportqChanges = (given) => {
      data = given;
      data.rows.forEach((row) => { row.cells = row[9].split(","); row.text = `${row[1]} ${row[2]} ${row[0]}`.toLowerCase(); });
      waiting.splice(0).forEach((next) => next());
    };
    const script = document.createElement("script");
    script.src = `${root}assets/changes.js`; document.head.append(script);
  };
  const element = (tag, text, name) => { const made = document.createElement(tag); if (text !== undefined) made.textContent = text; if (name) made.className = name; return made; };
  const anchor = (href, text) => { const made = document.createElement("a"), inner = element("bdi", text); made.href = href; made.append(inner); return made; };
  const draw = (row) => {
    const [oid, subject, author, day, likely, , priority, folded, who] = row, line = element("tr", undefined, folded ? "folded" : ""), head = element("th");
    head.scope = "row";
    if (priority === "s") head.append(element("b", "security", "urgent"), " ");
    if (priority === "h") head.append(element("b", "high", "urgent high"), " ");
    const small = element("small"); small.append(element("code", oid.slice(0, 12)), " ", element("bdi", author), `, ${day}`);
    head.append(anchor(`${root}change/${oid}.html`, subject || "(no subject)"), " ", small);
    const people = element("td", undefined, "who");
    who.forEach((key, place) => people.append(place ? ", " : "", data.people[key] ? anchor(root + data.people[key][1], data.people[key][0]) : key));
    line.append(head, element("td", row.cells.some((cell) => "abcxeudw".includes(cell[0])) ? `${likely}%` : "", "num"), people);
    row.cells.forEach((cell) => line.append(element("td", cell.length > 1 ? `after ${cell.slice(1)}` : words[cell[0]], cell[0])));
    return line;
  };
  const extend = () => {
    const part = document.createDocumentFragment();
    const end = Math.min(drawn + (drawn ? STEP : FIRST), found.length); // the first ones fill a tall screen
    found.slice(drawn, end).forEach((row) => part.append(draw(row)));
    drawn = end;
    body.append(part);
    more.parentElement.hidden = drawn >= found.length;
  };
  const state = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const apply = () => load(() => {
    const asked = state(), terms = (asked.q || "").toLowerCase().split(/\s+/).filter(Boolean), place = data.branches.indexOf(asked.branch);
    found = data.rows.filter((row) => {
      if (!asked.all && row[7] && !terms.length) return false;
      if (!terms.every((term) => row.text.includes(term))) return false;
      if (asked.priority && row[6] !== asked.priority) return false;
      if (asked.who === "-" ? row[8].length : asked.who && !row[8].includes(asked.who)) return false;
      const cells = place < 0 ? row.cells : [row.cells[place]];
      if (asked.answer) return cells.some((cell) => cell[0] === asked.answer);
      return place < 0 || "abcxeudw".includes(cells[0][0]);
    });
    const keys = { subject: (row) => row[1].toLowerCase(), likely: (row) => row[4], who: (row) => row[8][0] || "\uffff" };
    const column = sort.key[0] === "@" ? data.branches.indexOf(sort.key.slice(1)) : -1;
    if (column >= 0 || keys[sort.key]) {
      const value = column >= 0 ? (row) => ORDER.indexOf(row.cells[column][0]) : keys[sort.key], sign = sort.descending ? -1 : 1;
      const known = new Map(found.map((row) => [row, value(row)]));
      found.sort((a, b) => { const one = known.get(a), other = known.get(b); return one < other ? -sign : one > other ? sign : 0; });
    }
    body.replaceChildren(); drawn = 0; at = -1; extend();
    if (!found.length) { const line = element("tr"), cell = element("td", "No change is of that kind."); cell.colSpan = 3 + data.branches.length; line.append(cell); body.append(line); }
    count.textContent = `${found.length.toLocaleString("en")} of ${data.rows.length.toLocaleString("en")} changes`;
    if (pager) pager.hidden = true;
  });
  // The state of the filters is in the address, so that it can be sent to somebody.
  const address = () => {
    const asked = state(); if (sort.key) asked.sort = (sort.descending ? "-" : "") + sort.key;
    const text = new URLSearchParams(asked).toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  };
  const restore = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (![...asked.keys()].some((key) => ["q", "branch", "answer", "who", "priority", "all", "sort"].includes(key))) return;
    for (const name of ["q", "branch", "answer", "who", "priority"]) form.elements[name].value = asked.get(name) || "";
    form.elements.all.checked = asked.has("all");
    const key = asked.get("sort") || ""; sort = { key: key.replace(/^-/, ""), descending: key.startsWith("-") };
    showSort(headers, headers.find((header) => header.dataset.sort === sort.key), sort.descending);
    apply(); form.scrollIntoView();
  };
  let timer = 0;
  form.addEventListener("input", (event) => { // whoever types goes on typing; a choice is made once
    clearTimeout(timer); timer = setTimeout(() => { apply(); address(); }, event.target === search ? 25 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { sort = { key: "", descending: false }; showSort(headers, null, false); apply(); address(); }));
  headers.forEach((header) => asButton(header, () => {
    const first = header.dataset.sort === "likely"; // the highest first
    sort = { key: header.dataset.sort, descending: sort.key === header.dataset.sort ? !sort.descending : first };
    showSort(headers, header, sort.descending); apply(); address();
  }));
  more.addEventListener("click", () => { if (data && found.length) extend(); else apply(); });
  new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting) && found.length && drawn < found.length) extend(); }, { rootMargin: "600px" }).observe(more.parentElement);
  addEventListener("hashchange", restore);
  if (pager) pager.hidden = false; else more.parentElement.hidden = true;
  restore();
})();
