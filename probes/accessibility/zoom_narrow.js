// What sticks out of a narrow window and makes the page scroll sideways: a function of the rule's id; returns thuocdo.tally()'s said.
(rule) => {
  // What needs two dimensions may have them.
  const TWO_WAYS = "table,pre,code,canvas,svg,img,video,iframe,object,[role=toolbar],[role=grid],[role=application],.leaflet-container";
  const found = thuocdo.tally(), width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 2) { found.passed(rule); return found.said; }
  const out = thuocdo.all("body *").filter((e) => {
    if (!thuocdo.drawn(e) || e.closest(TWO_WAYS) || e.querySelector(TWO_WAYS)) return false;
    const { right, width: wide, height } = e.getBoundingClientRect();
    if (right + scrollX <= width + 2 || wide < 2 || height < 2) return false;
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) if (getComputedStyle(up).overflowX !== "visible") return false;
    return getComputedStyle(e).position !== "fixed";
  });
  const inner = out.filter((e) => !out.some((other) => other !== e && e.contains(other)) && e.textContent.trim());
  for (const element of inner.slice(0, 20)) found.failed(rule, element, `${Math.round(element.getBoundingClientRect().right)} px`);
  if (!inner.length) found.passed(rule);
  return found.said;
}
