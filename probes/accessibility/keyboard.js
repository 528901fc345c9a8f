// Puts into our world what the act `keyboard` asks at each stop of the Tab key, as `thuocdo.keyboard`; begins to take note of
// every focus. Returns how many controls the Tab key should come to.
() => {
  const TABBABLE = "a[href],area[href],button,input,select,textarea,summary,iframe,audio[controls],video[controls],[tabindex],[contenteditable]";
  const WITH_CARET = "input:not([type=checkbox],[type=radio],[type=range],[type=color],[type=file],[type=button],[type=submit],[type=reset],[type=image]),textarea,[contenteditable]";
  const LOOK = ["outlineStyle", "outlineWidth", "outlineColor", "outlineOffset", "boxShadow", "borderTopColor", "borderTopWidth", "borderBottomColor",
    "borderBottomWidth", "borderTopStyle", "backgroundColor", "backgroundImage", "color", "textDecorationLine", "textDecorationColor",
    "textDecorationThickness", "transform", "opacity", "fontWeight", "filter", "width", "height", "left", "top", "clipPath"];
  const COMPOSITE = "[role=tablist],[role=menu],[role=menubar],[role=listbox],[role=grid],[role=treegrid],[role=tree],[role=radiogroup],[role=toolbar]";
  const WANTS_FOCUS = ["button", "link", "checkbox", "switch", "textbox", "searchbox", "combobox", "slider", "spinbutton"];

  const usable = (element) => thuocdo.drawn(element) && !element.disabled && !element.closest("[inert],fieldset:disabled") && element.getAttribute("aria-disabled") !== "true";
  const groupLeft = new Set();
  // One radio button of a group takes the focus, the arrow keys lead to the others.
  const oneOfGroup = (element) => {
    if (element.type !== "radio" || !element.name) return true;
    const key = `${element.form ? thuocdo.keep(element.form) : ""} ${element.name}`;
    return !groupLeft.has(key) && Boolean(groupLeft.add(key));
  };
  const look = (element) => {
    const parts = [element, element.parentElement, ...[...element.children].slice(0, 6), element.nextElementSibling, element.previousElementSibling].filter(Boolean);
    return parts.flatMap((part) => ["", "::before", "::after"].map((pseudo) => {
      const style = getComputedStyle(part, pseudo);
      // What an outline that is not drawn would look like says nothing.
      const seen = LOOK.filter((name) => style.outlineStyle !== "none" || !name.startsWith("outline"));
      return !pseudo || style.content !== "none" ? seen.map((name) => style[name]).join("|") : "";
    })).join("\n");
  };
  const tabbable = thuocdo.all(TABBABLE).filter((element) => element.tabIndex >= 0 && usable(element) && oneOfGroup(element)).slice(0, 400);
  const unfocused = new Map(tabbable.map((element) => [element, element === document.activeElement ? null : look(element)]));

  let focused = [];
  // Not focusin: a control that gives the focus away at once never gets there.
  document.addEventListener("focus", (event) => focused.push(event.composedPath()[0]), true);

  const active = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at && at !== document.body && at !== document.documentElement ? at : null;
  };
  const sticks = (element) => {
    for (let e = element; e; e = e.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(e).position)) return e;
    return null;
  };
  const deepest = (x, y) => {
    let at = document.elementFromPoint(x, y);
    for (let inner = at?.shadowRoot?.elementFromPoint(x, y); inner && inner !== at; inner = at.shadowRoot?.elementFromPoint(x, y)) at = inner;
    return at;
  };
  // Every point of the control that is on the screen lies under something that stays there while the page scrolls.
  const covered = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    if (right - left < 2 || bottom - top < 2 || sticks(element)) return false;
    const points = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]].map(([x, y]) => [left + x * (right - left), top + y * (bottom - top)]);
    const seen = points.filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    return seen.length === points.length && seen.every(([x, y]) => {
      const over = deepest(x, y);
      return over && over !== element && !element.contains(over) && !over.contains(element) && sticks(over) && getComputedStyle(over).pointerEvents !== "none";
    });
  };
  const box = (element) => { const { left, top, right, bottom } = element.getBoundingClientRect(); return [left, top + scrollY, right, bottom + scrollY].map(Math.round); };

  thuocdo.keyboard = {
    // Where the focus is, once scripts that send it on have had their turn: kept number, -1 = nowhere, -2 = in a frame; and where
    // it was since the last question.
    stop: async () => {
      await new Promise((done) => setTimeout(done, 12));
      const at = active(), passed = focused.filter((one) => one.isConnected).map(thuocdo.keep);
      focused = [];
      if (!at) return { at: -1, passed };
      if (at.localName === "iframe") return { at: -2, passed, frame: thuocdo.keep(at) };
      const before = unfocused.get(at);
      const shown = at.matches(WITH_CARET) || before === null || before === undefined || before !== look(at);
      return { at: thuocdo.keep(at), passed, shown, covered: covered(at), hidden: Boolean(at.closest("[aria-hidden=true]")), sticky: Boolean(sticks(at)), box: box(at) };
    },
    tabbable: tabbable.map(thuocdo.keep),
    // Those of the given controls that could still be used: what the walk itself closed or took away does not count.
    left: (numbers) => numbers.filter((number) => { const e = thuocdo.kept(number); return e.isConnected && usable(e) && e.tabIndex >= 0 && e.localName !== "iframe" && e.getBoundingClientRect().width > 1; }),
    place: (number, message) => thuocdo.place(thuocdo.kept(number), message),
    focus: (number) => { const e = thuocdo.kept(number); e.focus(); return active() === e; },
    blur: () => document.activeElement?.blur?.(),
    aim: (number) => thuocdo.kept(number).scrollIntoView({ block: "center", behavior: "instant" }),
    // Controls made by hand: by role or by a handler in the markup, without the browser's own behaviour.
    handmade: () => {
      const own = thuocdo.all(WANTS_FOCUS.map((role) => `[role=${role}]`).join(",")).filter((e) => usable(e) && e.getAttribute("aria-hidden") !== "true" &&
        !e.closest("[aria-hidden=true]") && !e.matches("a[href],button,input,select,textarea,summary,[contenteditable]") && !e.closest(COMPOSITE)).slice(0, 200);
      const inside = (e) => e.querySelector("a[href],button,input,select,textarea,[tabindex]") || e.parentElement?.closest("a[href],button,label,[tabindex],summary");
      return {
        unreachable: own.filter((e) => e.tabIndex < 0 && !e.hasAttribute("tabindex") && !inside(e)).map(thuocdo.keep),
        doubtful: own.filter((e) => e.tabIndex < 0 && e.hasAttribute("tabindex") && !inside(e)).map(thuocdo.keep),
        reachable: own.filter((e) => e.tabIndex >= 0 && ["button", "link", "checkbox", "switch"].includes(e.getAttribute("role"))).map(thuocdo.keep),
      };
    },
    // What the page says of keys, in sight or told of the given controls.
    told: (numbers) => {
      const described = numbers.map(thuocdo.kept).flatMap((e) => [e.title, e.getAttribute("aria-label"), e.textContent,
        ...(e.getAttribute("aria-describedby") ?? "").split(/\s+/).map((id) => id && document.getElementById(id)?.textContent)]);
      return [document.body?.innerText ?? "", ...described].filter(Boolean).join("\n").slice(0, 50000);
    },
    inDialog: (numbers) => numbers.map(thuocdo.kept).every((e) => e.closest(":modal,[aria-modal=true][role=dialog],[aria-modal=true][role=alertdialog]")),
    name: (number) => thuocdo.withAxe(() => thuocdo.name(thuocdo.kept(number))),
  };
  return tabbable.length;
}
