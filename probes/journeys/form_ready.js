// Runs in every frame before the page's own scripts: notes when the set of usable fields last changed and when the last long
// task ended. Stamps are milliseconds of the page's clock, performance.timeOrigin + performance.now(). A function of what tells
// whether a person could get at a field (reaching.js).
((reaching) => {
  "use strict";
  const CONTROLS = "input:not([type=hidden],[type=submit],[type=image],[type=button],[type=reset]),select,textarea," +
    "[contenteditable=''],[contenteditable=true],[contenteditable=plaintext-only],[role=textbox],[role=combobox],[role=listbox],[role=checkbox],[role=radio],[role=switch],[role=spinbutton]";
  const FRAMES = "iframe,frame,object,embed";
  const SEEN_BY = ["class", "style", "hidden", "disabled", "aria-disabled", "type", "open", "role", "contenteditable", "inert", "readonly", "popover"];
  const FRESH_MILLISECONDS = 100, STANDING_MILLISECONDS = 500, PROVING_MILLISECONDS = 500;
  const MOST_PROVED = 150, MOST_BARRED_ASKED = 3, MOST_ASKED = 3, MOST_VAIN = 20, MOST_AWAITED = 3;
  const ENTERED_MILLISECONDS = 300, STEP_MILLISECONDS = 20;
  const stamp = () => performance.timeOrigin + performance.now();
  const shadows = new Set();
  const identities = new WeakMap();
  const usableSince = new WeakMap();
  const verdicts = new WeakMap();
  const passedBefore = new WeakMap();
  let observed = null, identity = 0, known = "", knownFree = new Set(), changedAt = 0, taskEndedAt = 0, mutatedAt = 0, waiting = false;
  let dirty = true, judgedAt = -Infinity, provedAt = -Infinity, mutations = 0, framesChangedAt = 0, foundLate = false;
  let entering = null, covered = [], closed = [];

  // Out of the tab order, a line of 2 px or something transparent is a library's anchor for autofill: nobody can reach it.
  const reachable = (element) => {
    const box = element.getBoundingClientRect();
    return element.tabIndex >= 0 || (Math.min(box.width, box.height) > 4 && element.checkVisibility({ opacityProperty: true }));
  };
  const isThere = (element) =>
    element.getClientRects().length > 0 && reachable(element) && element.checkVisibility({ visibilityProperty: true }) &&
    !element.matches(":disabled,[aria-disabled=true]");
  const { reach, prove, through, readOnly, forget } = reaching(CONTROLS, isThere);
  const opened = new WeakSet(), focused = new WeakSet();
  const all = (selector) => [document, ...shadows].flatMap((root) => [...root.querySelectorAll(selector)]);
  const holdsOther = (element) => element.firstElementChild && [...element.querySelectorAll(CONTROLS)].some(isThere);
  function standing() {
    const there = all(CONTROLS).filter((element) => isThere(element) && !holdsOther(element));
    closed = there.filter((element) => entering?.includes(element) || (!opened.has(element) && readOnly(element)));
    return closed.length ? there.filter((element) => !closed.includes(element)) : there;
  }
  const focus = HTMLElement.prototype.focus, blur = HTMLElement.prototype.blur, wait = window.setTimeout.bind(window);

  // What a person could get at. Verdicts are kept while nothing moves, and asked anew in full ten times a second at most; in between
  // some fields of those that something bars are asked, and all of them once one is free.
  //   at: where the pointer comes to it; false: barred; null: it stands outside of the window. proved: scrolled to.
  function judged(proving) {
    const elements = standing(), now = performance.now(), age = now - judgedAt;
    const anew = proving || age >= STANDING_MILLISECONDS || (dirty && age >= FRESH_MILLISECONDS);
    forget();
    if (anew) { judgedAt = now; dirty = false; }
    let proofs = 0, asked = 0, freed = false;
    const judge = (element) => {
      const before = verdicts.get(element);
      let at = reach(element), proved = false;
      if (at === null && proving && proofs < MOST_PROVED) { proofs += 1; at = prove(element); proved = true; }
      // What has been scrolled to in vain stays barred until it is scrolled to again.
      if (at === null && before?.proved) { at = before.at; proved = true; }
      verdicts.set(element, { at, proved, mutations: proving ? mutations : before?.mutations ?? -1 });
      return at;
    };
    for (const element of elements) {
      const before = verdicts.get(element);
      if (!anew && before && !(before.at === false && !before.proved && asked < MOST_BARRED_ASKED)) continue;
      asked += before && !anew ? 1 : 0;
      const at = judge(element);
      freed ||= Boolean(before) && before.at === false && at !== false;
    }
    if (freed && !anew) elements.filter((element) => verdicts.get(element).at === false && !verdicts.get(element).proved).forEach(judge);
    if (proving) provedAt = now;
    return elements;
  }
  const isFree = (element) => verdicts.get(element).at !== false;
  // Scrolled to in vain, before something moved that may have freed it.
  const inDoubt = (element) => {
    const { at, proved, mutations: then } = verdicts.get(element);
    return at === false && proved && then !== mutations;
  };

  function sign(elements) {
    return elements.map((element) => identityOf(element) + ":" + (element.options ? element.options.length : 0)).join();
  }
  function look(proving = false) {
    waiting = false;
    follow();
    noteTasks(tasks.takeRecords()); // a task that has just ended is not delivered yet when we are asked right after it
    const judgedBefore = performance.timeOrigin + (proving ? provedAt : judgedAt);
    const elements = judged(proving), free = elements.filter(isFree), signature = sign(free);
    if (signature !== known) {
      // To find by scrolling that a field was never free changes nothing.
      const isLess = proving && free.length < knownFree.size && free.every((element) => knownFree.has(element));
      if (foundLate) changedAt = Math.max(changedAt, mutatedAt, parsedAt());
      else if (!isLess) changedAt = mutatedAt && mutatedAt >= judgedBefore ? mutatedAt : stamp();
      foundLate = false;
      [known, knownFree] = [signature, new Set(free)];
      for (const element of free) if (!usableSince.has(element)) usableSince.set(element, changedAt);
    }
    return { elements, free };
  }
  function note() {
    if (entering) return; // what our own entering moves says nothing of when the form was ready
    mutatedAt = stamp();
    mutations += 1;
    dirty = true;
    later();
  }
  function later() {
    if (!waiting) { waiting = true; requestAnimationFrame(() => look()); }
  }
  const observer = new MutationObserver(note);
  const observe = (root) => {
    observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: SEEN_BY });
    for (const event of ["load", "transitionend", "animationend"]) root.addEventListener(event, note, true);
  };
  // A frame's first document takes over the window of the empty one before it, and this script does not run again then.
  function follow() {
    if (observed === document) return;
    observed = document;
    observe(document);
    document.addEventListener("readystatechange", declared);
  }
  function attached(root) {
    if (shadows.has(root)) return false;
    shadows.add(root);
    observe(root);
    return true;
  }
  // What we come upon late has stood since the document was read, or since what we last saw move.
  function adopt(root) {
    if (!attached(root)) return;
    foundLate = dirty = true;
    mutations += 1;
    later();
  }
  const parsedAt = () => performance.timeOrigin + (performance.getEntriesByType("navigation")[0]?.domInteractive ?? 0);
  // Roots that the document itself declares are attached by nobody; the closed ones among them only the browser knows.
  function declared() {
    for (const root of [document, ...shadows]) {
      for (const element of root.querySelectorAll("*")) if (element.shadowRoot) adopt(element.shadowRoot);
    }
  }
  follow();
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    attached(root);
    return root;
  };
  const noteTasks = (tasks) => {
    for (const task of tasks) taskEndedAt = Math.max(taskEndedAt, performance.timeOrigin + task.startTime + task.duration);
  };
  const tasks = new PerformanceObserver((list) => noteTasks(list.getEntries()));
  tasks.observe({ type: "longtask", buffered: true });

  // Libraries that draw their own controls mark a required one by a class of what stands around it.
  const needed = (element) => {
    if (element.required || element.getAttribute("aria-required") === "true") return true;
    const marked = element.closest(".required,.is-required,.field-required,.form-required");
    return Boolean(marked) && !marked.matches("form,body,main");
  };
  // A group of radio buttons is one field, as a person counts.
  function tally(elements) {
    const fields = new Map();
    for (const element of elements) {
      const grouped = element.type === "radio" && element.name;
      const key = grouped ? element.name + "|" + (element.form ? identityOf(element.form) : "") : element;
      const before = fields.get(key);
      fields.set(key, { required: before?.required || needed(element), at: before?.at || verdicts.get(element).at });
    }
    return [...fields.values()];
  }
  function identityOf(element) {
    if (!identities.has(element)) identities.set(element, ++identity);
    return identities.get(element);
  }
  // since: the act; what stood already is no first field of the form that it opened.
  function first(elements, since) {
    return elements.map((element) => usableSince.get(element)).filter((at) => at >= since).reduce((a, b) => (a && a < b ? a : b), 0);
  }
  const innerOf = (frame) => frame.contentWindow ?? [...Array(length).keys()].map((at) => window[at]).find((one) => { try { return one.frameElement === frame; } catch { return false; } });

  // What lies over an element in the window, to its outermost part that does not hold the element; null = nothing.
  function over(element) {
    const box = element.getBoundingClientRect();
    let found = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    if (!found || found.contains(element) || element.contains(found)) return null;
    while (found.parentElement && !found.parentElement.contains(element)) found = found.parentElement;
    return found;
  }
  // Whether what lies over the fields has something to press: it asks first, or is to be closed.
  function asksFirst(elements) {
    return elements.slice(0, MOST_ASKED).some((element) => {
      const found = over(element);
      if (!found) return false;
      const beside = [...(found.parentElement?.children ?? [])].filter((one) => one === found || (!one.contains(element) && getComputedStyle(one).position === "fixed"));
      return beside.some((one) => [...one.querySelectorAll("button,a[href],[role=button],input[type=button]")].some((control) => control.checkVisibility({ opacityProperty: true, visibilityProperty: true })));
    });
  }

  // frame: only in frames that this selector names; "" = here and in the visible frames of the same origin. since: the act. proving:
  // what stands outside of the window is scrolled to and back, in one go. fields: of which `at` tells where the pointer comes to it,
  // null = outside of the window. barred: fields that stand there and cannot be got at. doubtful: those of them that `proving` may
  // find free. closed: fields that may only be read. strangers: drawn frames that cannot be looked into from here. spoilt: fields of
  // documents that are answers to errors, which are none; status: the worst of those.
  function report(frame, { since = 0, proving = false } = {}) {
    const found = { list: [], barred: 0, doubtful: 0, spoilt: 0, strangers: 0, closed: 0, changedAt: 0, taskEndedAt: 0, firstAt: 0, status: 0, asks: false };
    covered = [];
    const add = (part, list) => {
      if (part.firstAt && !(found.firstAt && found.firstAt < part.firstAt)) found.firstAt = part.firstAt;
      found.list.push(...list);
      for (const name of ["barred", "doubtful", "spoilt", "strangers", "closed"]) found[name] += part[name];
      found.status = Math.max(found.status, part.status);
      found.changedAt = Math.max(found.changedAt, part.changedAt);
      found.taskEndedAt = Math.max(found.taskEndedAt, part.taskEndedAt);
    };
    const [navigation] = performance.getEntriesByType("navigation");
    if (!frame) {
      const { elements, free } = look(proving);
      const fields = tally(free), status = navigation?.responseStatus ?? 0, isError = status >= 400 && fields.length > 0;
      const part = { changedAt, taskEndedAt, firstAt: first(free, since), strangers: 0, closed: 0, status: isError ? status : 0, spoilt: isError ? fields.length : 0 };
      covered = elements.filter((element) => !isFree(element));
      found.asks = asksFirst(covered);
      found.closed = closed.length;
      add({ ...part, barred: elements.length - free.length, doubtful: elements.filter(inDoubt).length }, isError ? [] : fields);
    } else forget();
    for (const element of all(frame || FRAMES)) {
      let inner = null;
      try { inner = innerOf(element)?.thuocdoForm; } catch {
        found.strangers += isDrawn(element);
        continue;
      }
      if (!inner) continue;
      const part = inner("", { since, proving }), list = passing(element, part.list, proving);
      found.asks ||= part.asks || (list.length < part.list.length && asksFirst([element]));
      add({ ...part, barred: part.barred + part.list.length - list.length }, list);
    }
    found.changedAt = Math.max(found.changedAt, framesChangedAt);
    const loadedAt = navigation && navigation.loadEventStart ? performance.timeOrigin + navigation.loadEventStart : 0;
    const fields = found.list.length, required = found.list.filter((one) => one.required).length;
    return { ...found, fields, required, timeOrigin: performance.timeOrigin, loadedAt, isStranger: parent !== window && !frameElement };
  }
  const isDrawn = (frame) => { const box = frame.getBoundingClientRect(); return Math.min(box.width, box.height) > 10 && frame.checkVisibility({ visibilityProperty: true }); };
  // Of a frame's fields those that can be got at from here, too.
  function passing(frame, list, proving) {
    const ways = through(frame, list.map((one) => one.at), proving);
    const passed = list.map((one, index) => ({ ...one, at: ways[index] === true ? null : ways[index] })).filter((one) => one.at !== false);
    const before = passedBefore.get(frame);
    if (before !== undefined && before !== passed.length) framesChangedAt = mutatedAt;
    if (passed.length < list.length) covered.push(frame);
    passedBefore.set(frame, passed.length);
    return passed;
  }
  // A field, or a frame with fields, that cannot be got at in this document: at best one of which it can be seen what lies over it.
  const barredElement = () => covered.find((element) => element.isConnected && over(element)) ?? covered.find((element) => element.isConnected) ?? null;

  // Fields that may only be read until somebody enters them, as a trick against the browser's own filling in: each is entered once
  // and left again, one by one until so many are open as are wanted. A page has no reason to tell that to anybody; that it does not
  // hear more of it than is needed is why no others are entered. Resolves to how many fields that opened.
  async function enter(wanted) {
    const shut = closed.filter((element) => !focused.has(element) && element.isConnected && element.readOnly);
    if (!shut.length) return 0;
    const { activeElement } = document, before = [mutatedAt, mutations];
    let found = 0, vain = 0;
    entering = shut;
    for (const element of shut) {
      if (found >= wanted || vain >= MOST_VAIN) break;
      focused.add(element);
      focus.call(element, { preventScroll: true });
      await whileShut(element, vain < MOST_AWAITED ? ENTERED_MILLISECONDS : STEP_MILLISECONDS);
      if (element.readOnly) vain += 1;
      else { opened.add(element); found += 1; }
      blur.call(element);
    }
    if (activeElement instanceof HTMLElement && activeElement !== document.body) focus.call(activeElement, { preventScroll: true });
    observer.takeRecords();
    entering = null;
    [mutatedAt, mutations] = before;
    if (found) { foundLate = dirty = true; mutations += 1; }
    return found;
  }
  async function whileShut(element, milliseconds) {
    const until = performance.now() + milliseconds;
    while (element.readOnly && performance.now() < until) await new Promise((resolve) => wait(resolve, STEP_MILLISECONDS));
  }
  const mayProve = () => performance.now() - provedAt >= PROVING_MILLISECONDS;
  Object.defineProperty(window, "thuocdoForm", { value: Object.assign(report, { adopt, declared, mayProve, passing, barredElement, enter }) });
})
