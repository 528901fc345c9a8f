// Places where the page's own style sheets show something while the pointer is over them: a function of {most}; {kept, hidden: kept
// numbers of what would be shown, box} of each. A selector's part up to ":hover" is the place, the whole of it is what is shown.
({ most }) => {
  const SHOWS = ["display", "visibility", "opacity", "max-height", "height", "transform", "clip", "clip-path", "left", "top"];
  const rules = [];
  const gather = (list, depth = 0) => {
    for (const rule of list) {
      if (rules.length > 400) return;
      if (rule.cssRules && depth < 3 && !rule.selectorText) gather(rule.cssRules, depth + 1);
      if (rule.selectorText?.includes(":hover") && SHOWS.some((name) => rule.style.getPropertyValue(name))) rules.push(...rule.selectorText.split(","));
    }
  };
  for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) {
    try { gather(sheet.cssRules); } catch { /* another origin's */ }
  }
  const places = new Map();
  for (const selector of rules) {
    const cut = selector.lastIndexOf(":hover"), over = selector.slice(0, cut).trim(), rest = selector.slice(cut + ":hover".length);
    if (!rest.trim() || /^[:.[]/.test(rest)) continue; // changes the place itself
    let elements = [];
    try { elements = [...document.querySelectorAll(over || "*")].slice(0, 50); } catch { continue; }
    for (const element of elements) {
      if (!thuocdo.drawn(element)) continue;
      let shown = [];
      try { shown = [...element.parentElement.querySelectorAll(`${over}${rest}`)].filter((e) => element.contains(e) || /[+~]/.test(rest)); } catch { continue; }
      const hidden = shown.filter((e) => !thuocdo.drawn(e) && e.textContent.trim());
      if (hidden.length) places.set(element, [...(places.get(element) ?? []), ...hidden]);
    }
  }
  return [...places].slice(0, most).map(([element, hidden]) => ({
    kept: thuocdo.keep(element), hidden: [...new Set(hidden)].slice(0, 5).map(thuocdo.keep), place: thuocdo.place(element, hidden[0].textContent.replace(/\s+/g, " ").trim()),
  }));
}
