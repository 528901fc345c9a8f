// What leads on from here: everything a person could click, with what it is called and how near to the procedure it stands.
// sure: only what is called exactly by one of the names, or is a link with the procedure's name. To stand by its code makes nothing
// lead on: it only ranks what does. withheld: something called exactly so stands there that was not to be pressed, for it asks
// first whether to go on. unseen: something called so stands there and is not to be seen. menus: a selector of what has a menu, and
// whether something does. A function of what is asked and of the spelling.
({ names, clickable, code, followed, visited, sure, menus }, { folded, standsIn }) => {
  const wanted = names.map(folded), within = folded(code);
  const roots = (root) => [root, ...[...root.querySelectorAll("*")].filter((one) => one.shadowRoot).flatMap((one) => roots(one.shadowRoot))];
  const everywhere = roots(document), all = (selector) => everywhere.flatMap((root) => [...root.querySelectorAll(selector)]);
  const referenced = (element) => (element.getAttribute("aria-labelledby") ?? "").split(/\s+/u)
    .map((id) => (id && element.getRootNode().getElementById(id)?.textContent) ?? "").join(" ");
  const slotted = (element) => [...element.querySelectorAll("slot")].flatMap((slot) => slot.assignedNodes()).map((node) => node.textContent).join(" ");
  const drawnIn = (element) => [element.innerText ?? element.textContent, slotted(element), ...[...element.querySelectorAll("img[alt],svg title,input[type=image]")].map((one) => one.getAttribute("alt") ?? one.textContent)].filter(Boolean).join(" ");
  // Every text by which people may know it, each by itself; what it is called is the first of them.
  const textsOf = (element) =>
    [referenced(element), element.getAttribute("aria-label"), element.localName === "input" ? element.value || element.alt : drawnIn(element), element.getAttribute("alt"), element.title]
      .map((text) => folded(text ?? "")).filter((text) => text && text.length <= 400);
  const place = (element) => element.closest("tr,li,article,[class*=card],[class*=item]") || element;
  // A place of an image map is drawn where its picture is.
  const drawn = (element) => {
    const map = element.localName === "area" ? element.closest("map") : null;
    const box = map ? element.getRootNode().querySelector(`[usemap="#${CSS.escape(map.name || map.id)}"]`) : element;
    return Boolean(box) && box.checkVisibility({ visibilityProperty: true });
  };
  // What is drawn so that nobody sees it, as closed menus are: transparent where the pointer finds something else, or cut off to nothing.
  const isShut = (element) => {
    const box = element.getBoundingClientRect(), hit = element.getRootNode().elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const passed = hit ? !element.contains(hit) : getComputedStyle(element).pointerEvents === "none";
    if (passed && !element.checkVisibility({ opacityProperty: true })) return true;
    for (let node = element.parentElement; node; node = node.parentElement) {
      if (Math.min(node.offsetWidth ?? 9, node.offsetHeight ?? 9) < 2 && !/visible|contents/.test(getComputedStyle(node).overflow + getComputedStyle(node).display)) return true;
    }
    return false;
  };
  const asks = (element) => /\bconfirm\s*\(/.test(element.getAttribute("onclick") ?? "") || [...element.attributes].some(({ name }) => /^data-.*confirm/.test(name));
  const isNew = (address) => Boolean(address) && !visited.includes(address.split("#")[0]);
  const found = [];
  let withheld = false, unseen = false;
  for (const element of all(clickable)) {
    if (element.matches(":disabled,[aria-disabled=true]")) continue;
    if (!drawn(element)) {
      unseen ||= [element.textContent, ...textsOf(element)].some((text) => wanted.includes(folded(text)));
      continue;
    }
    const texts = textsOf(element), label = texts[0];
    if (!label) continue;
    // What leads to a place of its own page is as good as a button: its script does the rest.
    const link = !/^#(?![/!])/.test(element.getAttribute("href") ?? "") && (element instanceof HTMLAnchorElement || element instanceof HTMLAreaElement) && /^https?:$/.test(element.protocol);
    const address = link ? element.href.split("#")[0] : "";
    if (link && visited.includes(address) && !element.hash.startsWith("#/")) continue;
    const key = (link ? element.href : location.pathname) + " " + label;
    if (followed.includes(key)) continue;
    // A name that is the whole label is meant; one within a sentence ("Hướng dẫn nộp hồ sơ trực tuyến") may be about it.
    const rank = wanted.findIndex((name) => texts.includes(name));
    const inside = rank >= 0 ? rank : wanted.findIndex((name) => texts.some((text) => text.length <= name.length + 25 && standsIn(name, text)));
    const near = Boolean(within) && (folded(place(element).innerText || "").includes(within) || (link && element.href.toLowerCase().includes(code.toLowerCase())));
    const named = near && window.thuocdoIsProcedure(element, code);
    if ((inside < 0 && !named) || (sure && rank < 0 && !named)) continue;
    if (element.localName !== "area" && isShut(element)) {
      unseen ||= rank >= 0;
      continue;
    }
    if (window.thuocdoRefuses(element, true) && !isNew(window.thuocdoOpens(element))) {
      withheld ||= rank >= 0 && asks(element);
      continue;
    }
    const score = (inside < 0 ? 0 : 100 - inside + (rank >= 0 ? 5 : 0)) + (near ? 60 : 0);
    const said = [element.getAttribute("aria-label"), element.innerText, element.value, element.getAttribute("alt"), element.title].find((text) => typeof text === "string" && text.trim());
    found.push({ element, key, score, said: (said ?? label).normalize("NFC").toLocaleLowerCase("vi").replace(/\s+/gu, " ").trim() });
  }
  found.sort((a, b) => b.score - a.score);
  const best = found[0];
  for (const marked of all("[data-thuocdo-next]")) marked.removeAttribute("data-thuocdo-next");
  const about = { withheld, unseen, menus: all(menus).length > 0 };
  if (!best) return about;
  best.element.setAttribute("data-thuocdo-next", "");
  return { ...about, key: best.key, said: best.said, score: best.score, onPicture: best.element.localName === "area" };
}
