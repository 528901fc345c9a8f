// Groups of links or frames with one name that lead to different addresses, six at most: {kind, name, same, targets: [{place, page}]},
// same = they stand in one sentence, page = {url, title, text} of what stands there, null where it cannot be known. A function of
// {render}. Without it plain documents of this site are read, no address with a query, and those that a script still changes tell
// nothing; with it, for which the owner must have given leave, they are loaded out of sight. Never with cookies, and nothing that the
// list of acts names.
async ({ render }) => {
  const WAIT_MILLISECONDS = 1500, SETTLE_MILLISECONDS = 150;
  const plain = (text) => (text || "").replace(/\s+/gu, " ").trim().slice(0, 20000);
  const mayRead = ({ url, element }) => {
    const address = new URL(url);
    return address.origin === location.origin && (render || !address.search) && !thuocdo.acts.reading(element, url);
  };
  const found = thuocdo.withAxe(() => {
    const sentence = (element) => element.closest("p,li,td,th,dd,dt,blockquote,h1,h2,h3,h4") ?? element.parentElement;
    const groups = new Map();
    for (const link of thuocdo.all("a[href]").slice(0, 1500)) {
      if (!thuocdo.spoken(link) || !/^https?:$/.test(link.protocol ?? "")) continue;
      const name = thuocdo.name(link).toLowerCase(), key = `link ${name}`;
      if (name) groups.set(key, [...(groups.get(key) ?? []), { url: link.href.split("#")[0], element: link, around: sentence(link) }]);
    }
    for (const frame of thuocdo.all("iframe[src]").slice(0, 50)) {
      const name = thuocdo.name(frame).toLowerCase(), key = `frame ${name}`;
      if (name && thuocdo.spoken(frame)) groups.set(key, [...(groups.get(key) ?? []), { url: frame.src.split("#")[0], element: frame, around: null }]);
    }
    const doubtful = [...groups].filter(([, all]) => new Set(all.map((one) => one.url)).size > 1).slice(0, 6).map(([key, all]) => {
      const first = all[0], other = all.find((one) => one.url !== first.url);
      return {
        kind: key.split(" ")[0], name: key.slice(key.indexOf(" ") + 1), same: first.around === other.around,
        targets: [first, other].map((one) => ({ url: mayRead(one) ? one.url : null, place: thuocdo.place(one.element, one.url) })),
      };
    });
    return doubtful;
  });
  const read = async (url) => {
    try {
      const answer = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(1000) });
      if (!answer.ok || !/html/.test(answer.headers.get("content-type") || "")) return null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("meta[http-equiv=refresh i],script")) return null; // what it will show is not known yet
      for (const gone of page.querySelectorAll("style,nav,header,footer,noscript")) gone.remove();
      return { url: answer.url, title: page.title.trim(), text: plain((page.querySelector("main") ?? page.body).textContent) };
    } catch { return null; }
  };
  const show = async (url) => {
    const frame = document.createElement("iframe");
    frame.credentialless = true; // neither cookies nor anything else that is kept for this site
    if (!("credentialless" in HTMLIFrameElement.prototype)) return null;
    frame.style.cssText = "position: absolute; left: -10000px; width: 1280px; height: 800px";
    try {
      await new Promise((done) => {
        frame.onload = done;
        setTimeout(done, WAIT_MILLISECONDS);
        frame.src = url;
        document.documentElement.append(frame);
      });
      await new Promise((done) => setTimeout(done, SETTLE_MILLISECONDS));
      const page = frame.contentDocument; // null where the page does not want to be framed
      const text = plain((page?.querySelector("main") ?? page?.body)?.innerText);
      return text ? { url: page.URL, title: page.title.trim(), text } : null;
    } catch { return null; } finally { frame.remove(); }
  };
  for (const { targets } of found) {
    const known = targets.every((target) => target.url);
    for (const target of targets) target.page = known ? await (render ? show : read)(target.url) : null;
  }
  return found;
}
