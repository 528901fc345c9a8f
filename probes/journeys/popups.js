// Marks what closes the thing that lies over a control, as an announcement over a whole page does; returns whether there is one, and
// whether there is anything else to press.
// Only what is called by closing, and may be pressed: nothing is agreed to. Functions of the spelling.
// still: over a form. Nothing is scrolled, as a person may not be able to; over what stands outside of the window lies what is fixed in
// it. Nothing is closed there that asks a question, speaks of a draft or has another button, and nothing by a word that may also
// answer one or that somebody says of himself.
(control, { folded, standsIn }, still = false) => {
  const CLOSERS = "button,a,[role=button],input[type=button],[data-dismiss],[data-bs-dismiss],[aria-label],.close,.btn-close";
  const CLOSES = new Set(["đóng", "đóng lại", "đóng thông báo", "tắt", "tắt thông báo", "bỏ qua", "để sau", "đã hiểu", "tôi đã hiểu", "close", "dismiss", "skip", "got it", "x", "×", "✕", "✖", "╳"].map(folded));
  const BUTTONS = "button,[role=button],[onclick],input[type=button],input[type=submit],input[type=image],a[class*=btn]," +
    "a[class*=button],a:not([href])[class],a[href=''],a[href^='#'],a[href^='javascript:']";
  const ANSWERS = new Set(["bỏ qua", "để sau", "skip", "đã hiểu", "tôi đã hiểu", "got it"].map(folded));
  const ASKING = [
    ...["nháp", "khôi phục", "phục hồi", "dở", "dở dang", "tiếp tục", "lưu tạm", "đã lưu", "tự động lưu", "bản lưu", "phiên trước", "lần trước"],
    ...["chưa hoàn thành", "chưa hoàn tất", "chưa hoàn thiện", "chưa nộp", "chưa gửi"],
    ...["draft", "restore", "resume", "continue", "unfinished", "incomplete", "saved", "last session", "previous session"],
  ].map(folded);
  const asking = (text) => /[?？]/u.test(text) || ASKING.some((one) => standsIn(one, folded(text)));
  const MARK = "data-thuocdo-closes";
  for (const marked of document.querySelectorAll(`[${MARK}]`)) marked.removeAttribute(MARK);
  if (!still) control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = control.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
  const isInside = !still || (x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
  const hit = isInside ? document.elementFromPoint(x, y) : document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  if (!hit || control.contains(hit) || hit.contains(control)) return { closes: false, asks: false };
  // The outermost thing that holds what was hit and not the control.
  let over = hit;
  while (over.parentElement && !over.parentElement.contains(control)) over = over.parentElement;
  const isFixed = (node) => node instanceof Element && (getComputedStyle(node).position === "fixed" || (node !== over && isFixed(node.parentElement)));
  if (!isInside && !isFixed(hit)) return { closes: false, asks: false };
  const drawn = (one) => one.getClientRects().length > 0 && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const called = (one) => [one.getAttribute("aria-label"), one.innerText, one.value, one.title].map((text) => folded(typeof text === "string" ? text : "")).find(Boolean) ?? "";
  const closes = (one) => {
    const name = called(one);
    if (still && ANSWERS.has(name)) return false;
    return CLOSES.has(name) || (!name && one.matches("[data-dismiss],[data-bs-dismiss],.close,.btn-close"));
  };
  // A veil and the window before it mostly stand side by side.
  const places = [over, ...[...(over.parentElement?.children ?? [])].filter((one) => one !== over && !one.contains(control) && ["fixed", "absolute"].includes(getComputedStyle(one).position))];
  const pressed = places.flatMap((place) => [place, ...place.querySelectorAll(CLOSERS)]).filter((one) => one.matches(CLOSERS) && drawn(one));
  const isAsking = still && places.some((place) => asking(place.innerText ?? ""));
  // Of what stands beside the window (a chat, a way to the top) the buttons are no answers.
  const others = (one) => [over, places.find((place) => place.contains(one))].flatMap((place) => [...place.querySelectorAll(BUTTONS)])
    .filter((other) => drawn(other) && !closes(other) && !other.contains(one) && !one.contains(other));
  const isFree = (one) => !window.thuocdoRefuses(one, true) && !(still && others(one).length);
  const found = isAsking ? undefined : pressed.find((one) => closes(one) && isFree(one));
  found?.setAttribute(MARK, "");
  return { closes: Boolean(found), asks: pressed.length > 0 };
}
