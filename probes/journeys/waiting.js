// When what a step waits for is drawn: the stamp of the frame at which it was first seen, milliseconds of the page's clock; null
// where it has not come within a second, so that who asks can look elsewhere. A function of the condition and of the spelling.
(condition, { folded, standsIn }) => new Promise((resolve) => {
  const COMPARED_MILLISECONDS = 100, LONGEST_MILLISECONDS = 1000;
  const wanted = folded(condition.text ?? ""), began = performance.now();
  let comparedAt = -Infinity;
  const drawn = (element) => element.checkVisibility({ visibilityProperty: true });
  const written = (element) => (typeof element.innerText === "string" && drawn(element) ? element.innerText : "");
  const roots = (root) => [root, ...[...root.querySelectorAll("*")].filter((one) => one.shadowRoot).flatMap((one) => roots(one.shadowRoot))];
  const framed = (frame) => { try { return frame.getClientRects().length ? frame.contentDocument : null; } catch { return null; } };
  // What a person reads: of the page, its open roots, and the frames that can be looked into.
  function texts(page) {
    const all = roots(page);
    const inside = all.flatMap((root) => [...root.querySelectorAll("iframe,frame,object")]).map(framed).filter(Boolean);
    return [page.body ? written(page.body) : "", ...all.slice(1).flatMap((root) => [...root.children].map(written)), ...inside.flatMap(texts)];
  }
  function reads(text) {
    if ((document.body?.textContent || "").includes(text) && document.body.innerText.includes(text)) return true;
    if (performance.now() - comparedAt < COMPARED_MILLISECONDS) return false;
    const found = texts(document).some((one) => standsIn(wanted, folded(one)));
    comparedAt = performance.now();
    return found;
  }
  const met = () => {
    if (condition.selector) return roots(document).some((root) => [...root.querySelectorAll(condition.selector)].some(drawn));
    return condition.text ? reads(condition.text) : window.thuocdoForm("").fields + condition.strange >= condition.fields;
  };
  // Frames are not drawn while a stylesheet blocks them: what is not drawn cannot be used.
  const look = () => {
    if (met()) resolve(performance.timeOrigin + performance.now());
    else if (performance.now() - began > LONGEST_MILLISECONDS) resolve(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
