// What addresses of this site really show: a function of {urls, render}; {url, title, text} of each, null where it cannot be known.
// Without `render` the plain documents are read, without cookies, and those that a script still changes tell nothing; with it, for
// which the owner must have given leave, they are loaded out of sight. Nothing that could act is asked for.
async ({ urls, render }) => {
  const ACTS = /log-?out|sign-?out|dang-?xuat|thoat|delete|xoa|remove|submit|huy/i;
  const WAIT_MILLISECONDS = 1500, SETTLE_MILLISECONDS = 150;
  const plain = (text) => (text || "").replace(/\s+/gu, " ").trim().slice(0, 20000);
  const allowed = (address) => address.origin === location.origin && !ACTS.test(address.pathname + address.search);
  const read = async (url) => {
    const address = new URL(url);
    if (!allowed(address) || address.search) return null;
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
    if (!allowed(new URL(url))) return null;
    const frame = document.createElement("iframe");
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
  const shown = [];
  for (const url of urls) shown.push(await (render ? show(url) : read(url)));
  return shown;
}
