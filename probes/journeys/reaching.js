// Whether a person could get at a field with the pointer: what lies over it, hides it or cuts it off. A function of the selector of
// all fields and of what tells of one whether it is there at all (form_ready.js).
//
// What stands in the window is hit-tested where it stands. What does not is barred by what goes along with the window wherever one
// scrolls; else it is known only once it has been scrolled to, as far as a person could, which `prove` does and puts everything back.
((CONTROLS, isThere) => {
  "use strict";
  const LEAST = 2, LEAST_OPAQUE = 0.05, MOST_STEPS = 4, SENT_AWAY = "form,fieldset,body,main,section,dialog,table,tr";
  // Where in a box the pointer is tried, the middle first: one is enough.
  const PLACES = [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]];
  const HEIGHTS = [0.06, 0.17, 0.28, 0.39, 0.5, 0.61, 0.72, 0.83, 0.94];
  const DRAWN_BY_OTHERS = "[type=checkbox],[type=radio],[type=file],[type=color],[type=range],[role=checkbox],[role=radio],[role=switch]";
  const CANNOT_BE_READ_ONLY = "[type=checkbox],[type=radio],[type=file],[type=color],[type=range]";
  const OPENING = "[aria-haspopup],[aria-expanded],[aria-controls],[aria-owns],[role=combobox],[list],[onclick],[onfocus],[onmousedown],[data-toggle],[data-bs-toggle],[data-provide]";
  const PICKS = /date|picker|calendar|flatpickr|select|combo|dropdown|choose|lookup|autocomplete|popup/i;
  const LEAVES = /^\s*(?:return\s+)?(?:this|event\.(?:current)?[tT]arget)\.blur\(\)\s*;?\s*(?:return\s+false\s*;?\s*)?$/;
  const ASKS_TO_PICK = /chọn|select|choose|dd|\bngày\b/iu;
  const FIXED = ["fixed"], GOING_ALONG = ["fixed", "sticky"];
  const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? (node.parentNode instanceof ShadowRoot ? node.parentNode.host : null);
  const width = () => innerWidth, height = () => innerHeight; // the root's own size is another one in quirks mode
  const others = (within, element) =>
    [...within.querySelectorAll(CONTROLS)].some((one) => one !== element && !element.contains(one) && !one.contains(element) && isThere(one));

  // What a library may have drawn around a field: the outermost element that holds no other one.
  function widget(element) {
    let found = element;
    for (let steps = 0, node = element.parentElement; node && steps < MOST_STEPS; node = node.parentElement, steps += 1) {
      if (node.matches(SENT_AWAY) || others(node, element)) return found;
      found = node;
    }
    const { host } = element.getRootNode();
    return !found.parentElement && host && !others(host, element) ? host : found;
  }
  // Whether the pointer, which finds `hit`, works on the field: it, its label, or what is drawn over it as part of it.
  function works(element, hit) {
    if (!hit) return false;
    if (hit === element || element.contains(hit)) return true;
    if (hit.closest("label")?.control === element) return true;
    const whole = widget(element);
    return whole !== element && (whole === hit || whole.contains(hit)) && getComputedStyle(hit).position !== "fixed";
  }
  const within = (box) => ({
    left: Math.max(0, box.left), top: Math.max(0, box.top), right: Math.min(width(), box.right), bottom: Math.min(height(), box.bottom),
  });
  // Where in the window something can be got at by way of one box: a place, false, or null where that says nothing: the box is not
  // all in the window, or what lies over it there goes along with the window.
  function tried(box, root, isRight) {
    const seen = within(box), across = seen.right - seen.left, down = seen.bottom - seen.top;
    if (across < LEAST || down < LEAST) return null;
    let found = across > box.right - box.left - LEAST && down > box.bottom - box.top - LEAST ? false : null;
    for (const [right, below] of PLACES) {
      const x = seen.left + across * right, y = seen.top + down * below;
      if (isRight(root.elementFromPoint(x, y))) return { x, y };
      if (found === false && layerAt(x, y)) found = null;
    }
    return found;
  }
  // By what the pointer comes to a field: itself, unless it is a line of some pixels that people are spared; its labels; its widget.
  function* ways(element) {
    const box = element.getBoundingClientRect();
    if (Math.min(box.width, box.height) > 4) yield element;
    yield* element.labels ?? [];
    const whole = widget(element);
    if (whole !== element) yield whole;
  }
  const overlap = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  // How opaque something is drawn, with all around it; 1 = wholly. Found once in a look.
  const opacities = new Map();
  function opacity(node) {
    if (!node) return 1;
    if (!opacities.has(node)) {
      const style = getComputedStyle(node), filtered = /opacity\(([\d.]+)\)/.exec(style.filter);
      opacities.set(node, Number(style.opacity) * (filtered ? Number(filtered[1]) : 1) * opacity(parentOf(node)));
    }
    return opacities.get(node);
  }
  // What is transparent counts only where something else is drawn in its place, as custom check boxes and lists are.
  function transparent(element) {
    if (opacity(element) >= LEAST_OPAQUE) return false;
    let outermost = element;
    for (let node = parentOf(element); node && opacity(node) < LEAST_OPAQUE; node = parentOf(node)) outermost = node;
    if (others(outermost, element)) return true;
    if (element.matches(DRAWN_BY_OTHERS)) return false;
    const box = element.getBoundingClientRect();
    return ![...widget(element).querySelectorAll("*")].some((one) => one !== element && !one.contains(element) && !element.contains(one) &&
      one.checkVisibility({ visibilityProperty: true }) && opacity(one) >= LEAST_OPAQUE && overlap(box, one.getBoundingClientRect()));
  }
  const up = (element, selector) => {
    for (let node = element; node; node = node.getRootNode().host) {
      const found = node.closest(selector);
      if (found) return found;
    }
    return null;
  };
  // A field that may only be read is none, unless it looks as if it opened something to choose from.
  function readOnly(element) {
    if (element.getAttribute("aria-readonly") === "true") return true;
    if (!element.readOnly || element.matches(CANNOT_BE_READ_ONLY)) return false;
    if (LEAVES.test(element.getAttribute("onfocus") ?? "")) return true;
    if (element.matches(OPENING) || element.onclick || element.onfocus || element.onmousedown || ASKS_TO_PICK.test(element.placeholder.normalize("NFC"))) return false;
    const whole = widget(element);
    for (let node = element; node; node = node.parentElement) {
      if (PICKS.test(node.getAttribute("class") ?? "")) return false;
      if (node === whole) break;
    }
    return !whole.querySelector("button,[role=button]");
  }
  // Goes along with the window, as what is fixed in it does; found once for each place of a look.
  const layers = new Map();
  function layerAt(x, y, kinds = GOING_ALONG) {
    const key = `${Math.round(x / 16)} ${Math.round(y / 4)} ${kinds}`;
    if (!layers.has(key)) {
      let node = document.elementFromPoint(x, y);
      while (node && !kinds.includes(getComputedStyle(node).position)) node = parentOf(node);
      layers.set(key, node);
    }
    return layers.get(key);
  }
  const holds = (layer, element) => { for (let node = element; node; node = parentOf(node)) if (node === layer) return true; return false; };
  // Whether wherever one scrolls, something that goes along with the window lies over the place of this column.
  const barred = (element, x) => HEIGHTS.every((part) => {
    const layer = layerAt(Math.min(Math.max(x, 1), width() - 1), part * height(), FIXED);
    return layer && !holds(layer, element);
  });
  const lost = (box) => box.right + scrollX <= 0 || box.bottom + scrollY <= 0;

  // How a person would get at a field: a place in the window; false: not at all; null: it stands outside of the window.
  function reach(element) {
    if (up(element, "[inert]") || transparent(element)) return false;
    const root = element.getRootNode();
    let found = false;
    for (const way of ways(element)) {
      const box = way.getBoundingClientRect();
      const at = tried(box, root, (hit) => works(element, hit));
      if (at) return at;
      const isAway = (at === null || rolledAway(way, box)) && box.width >= LEAST && box.height >= LEAST && !lost(box) && !barred(element, (box.left + box.right) / 2);
      if (isAway && way === element) return null;
      if (isAway) found = null;
    }
    return found;
  }
  const scrolls = (element, style) => ({
    across: /auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth,
    down: /auto|scroll/.test(style.overflowY) && element.scrollHeight > element.clientHeight,
  });
  // Whether a part that rolls does not show all of a box just now.
  function rolledAway(element, box) {
    for (let node = parentOf(element); node && node !== document.body; node = parentOf(node)) {
      const may = scrolls(node, getComputedStyle(node));
      if (!may.across && !may.down) continue;
      const part = node.getBoundingClientRect();
      if (box.top < part.top || box.bottom > part.bottom || box.left < part.left || box.right > part.right) return true;
    }
    return false;
  }
  // Brings an element to the middle of the window as far as a person could; returns what puts everything back.
  function reveal(element) {
    const before = [], middle = (box) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const bring = (scroller, box, may) => {
      const [x, y] = middle(element.getBoundingClientRect()), [toX, toY] = middle(box);
      before.push([scroller, scroller.scrollLeft, scroller.scrollTop]);
      scroller.scrollTo({ left: scroller.scrollLeft + (may.across ? x - toX : 0), top: scroller.scrollTop + (may.down ? y - toY : 0), behavior: "instant" });
    };
    const whole = document.scrollingElement ?? document.documentElement, { body, documentElement: root } = document;
    // The window scrolls as the root's style says, or as the body's where the root's says nothing.
    const window = getComputedStyle(root).overflow === "visible" && body ? body : root;
    for (let node = parentOf(element); node; node = parentOf(node)) {
      if (node === whole || node === root || node === window) continue;
      const may = scrolls(node, getComputedStyle(node));
      if (may.across || may.down) bring(node, within(node.getBoundingClientRect()), may);
    }
    const free = (axis) => !/hidden|clip/.test(getComputedStyle(window)[axis]);
    bring(whole, { left: 0, top: 0, right: width(), bottom: height() }, { across: free("overflowX"), down: free("overflowY") });
    return () => { for (const [scroller, left, top] of before.reverse()) scroller.scrollTo({ left, top, behavior: "instant" }); };
  }
  // What the browser does not draw as long as it is far away; it can only be looked at where it is.
  const leftOut = (element) => !element.checkVisibility({ contentVisibilityAuto: true });
  // The same as reach, scrolled to where needed: null only for what the browser itself leaves out.
  function prove(element) {
    const stands = reach(element);
    if (stands !== null || leftOut(element)) return stands;
    for (const way of ways(element)) {
      const back = reveal(way);
      forget();
      const at = tried(way.getBoundingClientRect(), element.getRootNode(), (hit) => works(element, hit));
      back();
      forget();
      if (at) return at;
    }
    return false;
  }
  // Where in our window the pointer comes to places of a frame's own window (null: to its middle): a place, true where it does not
  // stand in the window now, false: not at all, null: only proving can tell.
  function through(frame, places, proving) {
    const style = getComputedStyle(frame), root = frame.getRootNode(), isRight = (hit) => hit === frame;
    if (!frame.getClientRects().length || !frame.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || up(frame, "[inert]")) return places.map(() => false);
    const at = (place) => {
      const box = frame.getBoundingClientRect(), scale = box.width / (frame.offsetWidth || box.width || 1);
      const left = place ? box.left + (frame.clientLeft + parseFloat(style.paddingLeft) + place.x) * scale : (box.left + box.right) / 2;
      const top = place ? box.top + (frame.clientTop + parseFloat(style.paddingTop) + place.y) * scale : (box.top + box.bottom) / 2;
      return { left: left - LEAST, top: top - LEAST, right: left + LEAST, bottom: top + LEAST };
    };
    return places.map((place) => {
      const box = at(place), found = tried(box, root, isRight);
      if (found !== null) return found;
      if (lost(box) || barred(frame, box.left)) return false;
      if (!proving) return null;
      const back = reveal({ getBoundingClientRect: () => at(place), assignedSlot: null, parentElement: parentOf(frame) });
      forget();
      const shown = tried(at(place), root, isRight);
      back();
      forget();
      return Boolean(shown);
    });
  }
  const forget = () => { layers.clear(); opacities.clear(); };
  return { reach, prove, through, readOnly, forget };
})
