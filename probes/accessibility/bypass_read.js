// The texts of pages of the same site that this one links to: a function of {pages, seconds}, how many to read and for how long; null
// where none can be had. Without cookies, no address with a query, and nothing that the list of acts names.
async ({ pages, seconds }) => {
  const MOST_TEXTS = 5000, MOST_LINKS = 500;
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim().slice(0, 300);
  const unhashed = (url) => url.split("#")[0];
  const links = [...document.querySelectorAll("a[href]")].slice(0, MOST_LINKS).filter((a) =>
    a.origin === location.origin && !a.search && unhashed(a.href) !== unhashed(location.href));
  const texts = new Set(), asked = new Set();
  let read = 0;
  const until = AbortSignal.timeout(seconds * 1000);
  for (const link of links) {
    const url = unhashed(link.href);
    if (read >= pages || until.aborted) break;
    if (asked.has(url) || thuocdo.acts.reading(link, url)) continue;
    asked.add(url);
    try {
      const answer = await fetch(url, { credentials: "omit", signal: until });
      if (!answer.ok || !/html/.test(answer.headers.get("content-type") || "")) continue;
      const other = new DOMParser().parseFromString(await answer.text(), "text/html");
      const walker = other.createTreeWalker(other.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() && texts.size < MOST_TEXTS) if (!walker.currentNode.parentElement.closest("script,style,noscript,template")) texts.add(plain(walker.currentNode.data));
      read += 1;
    } catch { /* a page that does not come tells nothing */ }
  }
  return read ? [...texts] : null;
}
