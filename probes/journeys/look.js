// What stands on a page before there is a form: a function of {minimum, signs}; null while the document is being read, or where
// enough fields stand. signs: name -> CSS selectors. frames: drawn ones, which may hold all of the page. more: of a long text the
// rest, at whose end a page may say what became of its procedure.
({ minimum, signs }) => {
  if (document.readyState === "loading" || !document.body) return null;
  if (window.thuocdoForm && window.thuocdoForm("").fields >= minimum) return null;
  const LITTLE = 200;
  const drawn = (element) => element.checkVisibility({ visibilityProperty: true });
  const roots = (root) => [root, ...[...root.querySelectorAll("*")].filter((one) => one.shadowRoot).flatMap((one) => roots(one.shadowRoot))];
  const frames = [...document.querySelectorAll("iframe,frame,object,embed")].filter((one) => one.getClientRects().length);
  let own = document.body.innerText, places = [document];
  if (own.length < LITTLE) { // what is drawn by other means than the document's own text
    places = roots(document);
    const inner = frames.map((one) => { try { return one.contentDocument?.body?.innerText; } catch { return ""; } });
    own = [own, ...places.slice(1).flatMap((root) => [...root.children].map((one) => (one.checkVisibility?.() && one.innerText) || "")), ...inner].join(" ");
  }
  const text = (document.title + " " + own).replace(/\s+/g, " ").trim();
  const navigation = performance.getEntriesByType("navigation")[0];
  const stands = (selectors) => selectors.some((selector) => places.some((place) => [...place.querySelectorAll(selector)].some(drawn)));
  return {
    url: location.href, text: text.slice(0, 4000), more: text.slice(4000, 40000), links: document.links.length, scripts: document.scripts.length, frames: frames.length,
    source: text.length < 1500 ? document.documentElement.outerHTML.slice(0, 20000) : "",
    signs: Object.fromEntries(Object.entries(signs).map(([name, selectors]) => [name, stands(selectors)])),
    usableAt: performance.timeOrigin + (navigation?.domContentLoadedEventEnd || performance.now()), // 0 as long as scripts hold it up
  };
}
