// Every name on the page that a person goes by, with what stands around it. A function of nothing; returns lists of
// {name, text, around, place}: name as assistive technology says it, text as it is read on the screen, around = what else stands in
// the same sentence, list item or table cell (with its headers), heading = of the card that it stands in.
() => thuocdo.withAxe(() => {
  const MOST = 1500;
  const clean = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const described = (element) =>
    clean((element.getAttribute("aria-describedby") ?? "").split(/\s+/).map((id) => id && element.getRootNode().getElementById?.(id)?.textContent).join(" "));
  const headers = (cell) => {
    const row = cell.closest("tr"), table = cell.closest("table");
    if (!row || !table || cell.localName !== "td") return "";
    const column = [...row.cells].indexOf(cell);
    const above = [...table.rows].slice(0, row.rowIndex).map((r) => r.cells[column]).filter((c) => c?.localName === "th");
    return clean([...row.querySelectorAll("th"), ...above].map((c) => c.textContent).join(" "));
  };
  const around = (element) => {
    const block = element.closest("p,li,td,th,dd,dt,blockquote,figcaption,label,caption");
    const own = clean(element.textContent);
    let text = block ? clean(block.textContent).replace(own, " ") : "";
    if (!block) for (const node of [element.previousSibling, element.nextSibling]) text += " " + clean(node?.nodeType === Node.TEXT_NODE ? node.data : "");
    // A list item within a list item of another subject says what both are about.
    const outer = block?.localName === "li" ? block.parentElement?.closest("li") : null;
    if (outer) text += " " + clean(outer.firstChild?.textContent);
    const cell = element.closest("td");
    return clean([text, cell ? headers(cell) : "", described(element), element.title].join(" "));
  };
  // The heading of the card that a link stands in: a way to make a link clear that assistive technology supports unevenly.
  const heading = (element) => {
    for (let e = element.parentElement, level = 0; e && e !== document.body && level < 5; e = e.parentElement, level++) {
      const found = e.querySelector("h1,h2,h3,h4,h5,h6,[role=heading]");
      if (found) return found.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING ? clean(found.textContent) : "";
    }
    return "";
  };
  const one = (element) => ({
    name: thuocdo.name(element), text: clean(element.innerText), around: around(element), heading: heading(element),
    place: thuocdo.place(element, thuocdo.name(element)),
  });
  const seen = (selector, role) =>
    thuocdo.all(selector).slice(0, MOST).filter((e) => thuocdo.spoken(e) && (!role || thuocdo.role(e) === role)).map(one);
  const images = thuocdo.all("img,[role=img],svg[role],input[type=image]").slice(0, MOST)
    .filter((e) => thuocdo.spoken(e) && thuocdo.name(e)).map((e) => ({ ...one(e), source: (e.currentSrc || e.src || "").split(/[?#]/)[0].split("/").pop() }));
  return {
    links: seen("a[href],area[href],[role=link]", "link"),
    buttons: seen("button,[role=button],input[type=submit],input[type=button],summary"),
    headings: seen("h1,h2,h3,h4,h5,h6,[role=heading]", "heading"),
    fields: seen("input:not([type=hidden],[type=submit],[type=button],[type=image],[type=reset]),select,textarea"),
    images,
    title: window === window.top ? clean(document.title) : null,
  };
})
