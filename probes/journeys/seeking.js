// What leads on from here: everything a person could click, with what it is called and how near to the procedure it stands.
// sure: only what is called exactly by one of the names, or is a link with the procedure's name. To stand by its code makes nothing
// lead on: it only ranks what does.
({ names, code, followed, visited, sure }) => {
  const fold = (text) => text.normalize("NFC").toLocaleLowerCase("vi").replace(/\s+/gu, " ").trim();
  const wanted = names.map(fold);
  const CLICKABLE = "a[href],button,[role=button],[role=link],[role=tab],[role=menuitem],summary";
  const labelOf = (element) =>
    fold([element.getAttribute("aria-label"), element.innerText, element.title].filter(Boolean).join(" "));
  const place = (element) => element.closest("tr,li,article,[class*=card],[class*=item]") || element;
  const found = [];
  for (const element of document.querySelectorAll(CLICKABLE)) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(":disabled,[aria-disabled=true]")) continue;
    const label = labelOf(element);
    if (!label || label.length > 300) continue;
    const link = element instanceof HTMLAnchorElement && /^https?:$/.test(element.protocol);
    const address = link ? element.href.split("#")[0] : "";
    if (link && visited.includes(address) && !element.hash.startsWith("#/")) continue;
    const key = (link ? element.href : location.pathname) + " " + label;
    if (followed.includes(key)) continue;
    // A name that is the whole label is meant; one within a sentence ("Hướng dẫn nộp hồ sơ trực tuyến") may be about it.
    const rank = wanted.findIndex((name) => label === name);
    const within = rank >= 0 ? rank : wanted.findIndex((name) => label.includes(name) && label.length <= name.length + 25);
    const near = Boolean(code) && (fold(place(element).innerText || "").includes(code) || (link && element.href.includes(code)));
    const named = near && window.thuocdoIsProcedure(element, code);
    if ((within < 0 && !named) || (sure && rank < 0 && !named) || window.thuocdoRefuses(element, true)) continue;
    const score = (within < 0 ? 0 : 100 - within + (rank >= 0 ? 5 : 0)) + (near ? 60 : 0);
    found.push({ element, key, score });
  }
  found.sort((a, b) => b.score - a.score);
  const best = found[0];
  for (const marked of document.querySelectorAll("[data-thuocdo-next]")) marked.removeAttribute("data-thuocdo-next");
  if (!best) return null;
  best.element.setAttribute("data-thuocdo-next", "");
  return { key: best.key, score: best.score };
}
