// Marks what the pointer is to rest on so that a menu may open: first what stands around or before something that is called like the
// way and is not to be seen, else, where menus is a selector, what says that it has a menu. Returns what the marked one is known by,
// null where there is none left. Nothing is pressed, and the pointer does not come to rest on what may not be: on it or on a control
// in its middle. A function of what is asked and of the spelling.
({ names, clickable, menus, tried }, { folded }) => {
  const wanted = new Set(names.map(folded)), MARK = "data-thuocdo-hover";
  const roots = (root) => [root, ...[...root.querySelectorAll("*")].filter((one) => one.shadowRoot).flatMap((one) => roots(one.shadowRoot))];
  const everywhere = roots(document), all = (selector) => everywhere.flatMap((root) => [...root.querySelectorAll(selector)]);
  const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? (node.parentNode instanceof ShadowRoot ? node.parentNode.host : null);
  const LEAST = 4;
  // Whether the pointer can rest on it: drawn, of some size, not cut off, not transparent.
  function isSeen(element) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    if (Math.min(box.width, box.height) < LEAST) return false;
    for (let node = parentOf(element); node; node = parentOf(node)) {
      const around = node.getBoundingClientRect();
      if (getComputedStyle(node).overflow !== "visible" && Math.min(around.width, around.height) < LEAST) return false;
    }
    return true;
  }
  const textsOf = (element) => [element.getAttribute("aria-label"), element.textContent, element.value, element.alt, element.title].map((text) => folded(typeof text === "string" ? text : ""));
  // What opens the hidden part: what names it, what stands right before it, what is around it.
  function* openersOf(element) {
    let part = element;
    for (let node = element; node && !isSeen(node); node = parentOf(node)) {
      part = node;
      if (node.id) yield* all(`[aria-controls~="${CSS.escape(node.id)}"],[data-target="#${CSS.escape(node.id)}"],[data-bs-target="#${CSS.escape(node.id)}"],[href="#${CSS.escape(node.id)}"]`);
    }
    if (part.previousElementSibling) yield part.previousElementSibling;
    const around = parentOf(part);
    if (around) yield around;
  }
  const keyOf = (element) => `${everywhere.flatMap((root) => [...root.querySelectorAll(element.localName)]).indexOf(element)} ${element.localName} ${folded(element.textContent).slice(0, 60)}`;
  // The pointer comes to the middle.
  function isShunned(element) {
    const box = element.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    const holds = (one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return left <= x && x <= right && top <= y && y <= bottom; };
    return [element, ...[...element.querySelectorAll(clickable)].filter((one) => isSeen(one) && holds(one))].some(window.thuocdoShuns);
  }
  const isOne = (element) => !element.matches("html,body,main") && isSeen(element) && !tried.includes(keyOf(element)) && !isShunned(element);
  const hidden = all(clickable).filter((element) => textsOf(element).some((text) => wanted.has(text)) && !isSeen(element));
  const found = hidden.flatMap((element) => [...openersOf(element)]).find(isOne) ?? (menus ? all(menus).find(isOne) : undefined);
  for (const marked of all(`[${MARK}]`)) marked.removeAttribute(MARK);
  if (!found) return null;
  const key = keyOf(found);
  found.setAttribute(MARK, "");
  return key;
}
