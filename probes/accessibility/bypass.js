// What a page repeats of its neighbours before its own content, and which ways there are past it. A function of {repeated, pattern}:
// the neighbours' texts (bypass_read.js) and what a skip link is called. null = nothing to pass by.
({ repeated, pattern }) => {
  const SKIP = new RegExp(pattern, "i");
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim().slice(0, 300);
  const unhashed = (url) => url.split("#")[0];
  const texts = new Set(repeated);

  // The page's own texts, in order; those that another page has too are repeated.
  const nodes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && nodes.length < 5000) {
    const text = plain(walker.currentNode.data), parent = walker.currentNode.parentElement;
    if (!text || parent.closest("script,style,noscript,template") || !thuocdo.drawn(parent)) continue;
    nodes.push({ node: walker.currentNode, parent, text, repeated: texts.has(text), skips: SKIP.test(text) && parent.closest("a,button,[role=link]") });
  }
  const words = (one) => one.text.split(" ").length;
  const begins = nodes.findIndex((one, at) => !one.repeated && !one.skips && words(one) >= 2 && !one.parent.closest("nav,header,button,[aria-hidden=true]")
    && nodes.slice(0, at).some((before) => before.repeated && !before.skips));
  if (begins < 0) return null;
  // Pages that say nearly the same as this one are no neighbours, but the same page again.
  const sum = (all) => all.reduce((total, one) => total + words(one), 0);
  const ownWords = sum(nodes.filter((one) => !one.repeated));
  if (ownWords < 40 && ownWords < sum(nodes) / 5) return null;
  const first = nodes[begins], block = nodes.slice(0, begins).filter((one) => one.repeated && !one.skips);
  const follows = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  // Nothing that is repeated stands between an element's beginning and the page's own content.
  const leads = (element) => (element.contains(first.node) || follows(element, first.node)) &&
    !block.some((one) => element.contains(one.node) || follows(element, one.node));

  return thuocdo.withAxe(() => {
    const LANDMARKS = "main,[role=main],section[aria-label],section[aria-labelledby],[role=region][aria-label],[role=region][aria-labelledby],form[aria-label],[role=form][aria-label],[role=search]";
    const landmark = [...document.querySelectorAll(LANDMARKS)].some((e) => thuocdo.spoken(e) && e.contains(first.node) && leads(e));
    const own = nodes.slice(begins);
    const heading = thuocdo.all("h1,h2,h3,h4,h5,h6,[role=heading]").some((e) => {
      if (!thuocdo.spoken(e) || !thuocdo.drawn(e) || ["none", "presentation"].includes(e.getAttribute("role")) || !plain(e.textContent) && !thuocdo.name(e)) return false;
      if (!leads(e)) return own.slice(0, 6).some((one, at) => e.contains(one.node) && own.slice(0, at).every((before) => words(before) < 3));
      return true;
    });
    const target = (link) => {
      const id = decodeURIComponent(link.hash.slice(1));
      return id ? document.getElementById(id) ?? document.getElementsByName(id)[0] : null;
    };
    const inPage = [...document.querySelectorAll("a[href]")].filter((a) => a.hash.length > 1 && unhashed(a.href) === unhashed(location.href));
    const works = (link) => { const to = target(link); return Boolean(to && thuocdo.name(link) && leads(to) && (to.contains(first.node) ? thuocdo.drawn(to) || to.checkVisibility() : true)); };
    const before = (e) => follows(e, first.node) || e.contains(first.node);
    const made = [...document.querySelectorAll("[role=link][tabindex],button:not(form button)")].filter((e) => before(e) && thuocdo.drawn(e) && !e.matches("a[href]") && !thuocdo.acts.control(e));
    thuocdo.bypass = { block: block.map((one) => one.parent), leads };
    return {
      repeated: block.length, landmark, heading, skip: inPage.filter((a) => before(a)).some(works),
      broken: inPage.filter((a) => SKIP.test(thuocdo.name(a)) && !target(a)).map((a) => thuocdo.place(a, a.getAttribute("href"))),
      skips: inPage.filter((a) => SKIP.test(thuocdo.name(a))).length,
      links: made.filter((e) => e.getAttribute("role") === "link" && SKIP.test(thuocdo.name(e))).slice(0, 2).map(thuocdo.keep),
      buttons: made.filter((e) => e.localName === "button").slice(0, 3).map(thuocdo.keep),
      place: thuocdo.place(first.parent, block.slice(0, 3).map((one) => one.text).join(" / ")),
    };
  });
}
