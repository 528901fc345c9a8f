// What looks like a heading, a list, a table with headers or a button and is none: a function of nothing; returns thuocdo.tally()'s said.
() => {
  const found = thuocdo.tally();
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  const size = (element) => parseFloat(getComputedStyle(element).fontSize);
  const bold = (element) => parseInt(getComputedStyle(element).fontWeight) >= 600;

  // The size in which most letters of the page are set.
  const letters = new Map();
  const walker = document.createTreeWalker(document.body ?? document.documentElement, NodeFilter.SHOW_TEXT);
  for (let count = 0; walker.nextNode() && count < 4000; count++) {
    const text = plain(walker.currentNode.data);
    if (text && !walker.currentNode.parentElement.closest("script,style,noscript")) {
      const at = size(walker.currentNode.parentElement);
      letters.set(at, (letters.get(at) ?? 0) + text.length);
    }
  }
  const usual = [...letters].sort((one, other) => other[1] - one[1])[0]?.[0] ?? 16;

  const NO_HEADING = "h1,h2,h3,h4,h5,h6,[role=heading],a,button,label,legend,caption,th,td,li,dt,dd,summary,figcaption,nav,header,footer,form,blockquote,[aria-hidden=true],[role=button],[role=tab],time,table";
  for (const element of thuocdo.all("p,div,span,b,strong").slice(0, 3000)) {
    if (element.childElementCount > 1 || element.closest(NO_HEADING) || !thuocdo.drawn(element)) continue;
    const text = plain(element.textContent), inner = element.firstElementChild ?? element;
    if (element.firstElementChild && plain(inner.textContent) !== text) continue;
    if (element.parentElement?.matches("p,b,strong,span") || text.length < 4 || text.length > 80 || /[.,;:?!]$/.test(text)) continue;
    const block = getComputedStyle(element).display !== "inline", next = element.nextElementSibling;
    if (!block || !next || plain(next.textContent).length < 2 * text.length || size(next) >= size(inner)) continue;
    if (size(inner) >= 1.3 * usual && bold(inner)) found.failed("looks-like-heading", element, text);
    else if (size(inner) >= 1.2 * usual) found.review("looks-like-heading", element, text);
  }
  for (const heading of thuocdo.all("h1,h2,h3,h4,h5,h6").slice(0, 300)) if (thuocdo.drawn(heading)) found.passed("looks-like-heading");

  // Three lines and more that begin with a bullet somebody typed.
  const BULLET = /^\s*(?:[•▪◦‣●○■♦➢✓*–-]|\(?\d{1,2}[.)]|\(?[a-zđ][.)])\s*\S/u;
  const listed = new Set();
  for (const parent of thuocdo.all("p,div,td,section,article").slice(0, 3000)) {
    if (parent.closest("ul,ol,dl,[role=list],pre,code,nav,table table") || !thuocdo.drawn(parent)) continue;
    const lines = [];
    let line = "";
    for (const node of parent.childNodes) {
      if (node.nodeName === "BR") { lines.push(line); line = ""; } else if (node.nodeType === 3 || ["A", "B", "STRONG", "EM", "I", "SPAN"].includes(node.nodeName)) line += node.textContent;
      else if (["P", "DIV"].includes(node.nodeName) && node.childElementCount < 3) { lines.push(line, node.textContent); line = ""; }
    }
    lines.push(line);
    let run = 0, longest = 0;
    for (const one of lines.filter((text) => text.trim())) { run = BULLET.test(one) ? run + 1 : 0; longest = Math.max(longest, run); }
    if (longest < 3 || [...listed].some((one) => one.contains(parent) || parent.contains(one))) continue;
    listed.add(parent);
    // Numbers and letters may be the text's own, as the clauses of a law are.
    if (lines.filter((one) => /^\s*[•▪◦‣●○■♦➢✓]/u.test(one)).length >= 3) found.failed("looks-like-list", parent, lines.filter((one) => one.trim())[0]);
    else found.review("looks-like-list", parent, lines.filter((one) => one.trim())[0]);
  }
  for (const list of thuocdo.all("ul,ol").slice(0, 300)) if (thuocdo.drawn(list)) found.passed("looks-like-list");

  for (const table of thuocdo.all("table").slice(0, 100)) {
    if (!thuocdo.drawn(table) || ["none", "presentation"].includes(table.getAttribute("role")) || table.querySelector("table") || table.closest("table table")) continue;
    const rows = [...table.rows].filter((row) => row.cells.length > 1);
    if (rows.length < 3 || table.querySelector("input,select,textarea,img")) continue;
    if (table.querySelector("th,[role=columnheader],[role=rowheader],[scope],[headers]")) { found.passed("table-without-headers"); continue; }
    const same = rows.every((row) => row.cells.length === rows[0].cells.length);
    const looksHeader = (cell) => bold(cell) || (cell.children.length === 1 && bold(cell.firstElementChild) && plain(cell.firstElementChild.textContent) === plain(cell.textContent));
    const ruled = parseFloat(getComputedStyle(rows[1].cells[0]).borderBottomWidth) > 0 || table.hasAttribute("border");
    const top = [...rows[0].cells].every((cell) => plain(cell.textContent) && looksHeader(cell)), below = rows.slice(1).flatMap((row) => [...row.cells]);
    if (same && top && ruled && below.filter(looksHeader).length < below.length / 4) found.failed("table-without-headers", table, [...rows[0].cells].map((cell) => plain(cell.textContent)).join(" | "));
    else if (ruled && same) found.review("table-without-headers", table, "");
  }

  const CONTROL = "a[href],button,input,select,textarea,summary,label,option,video,audio,iframe,[tabindex],[contenteditable]";
  const ROLES = "[role=button],[role=link],[role=menuitem],[role=option],[role=tab],[role=checkbox],[role=radio],[role=switch],[role=row],[role=presentation],[role=none]";
  for (const element of thuocdo.all("[onclick]").slice(0, 500)) {
    if (element.matches("html,body,form,dialog") || !thuocdo.drawn(element) || element.closest("[aria-hidden=true]")) continue;
    if (element.matches(CONTROL)) { found.passed("click-without-control"); continue; }
    if (element.matches(ROLES) || element.closest(CONTROL) || element.querySelector(CONTROL)) continue; // another rule's, or a larger area around a control
    if (getComputedStyle(element).cursor === "pointer" && plain(element.textContent).length < 80) found.failed("click-without-control", element, plain(element.textContent));
    else found.review("click-without-control", element, "");
  }
  return found.said;
}
