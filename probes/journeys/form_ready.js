// Runs in every frame before the page's own scripts: notes when the set of usable fields last changed and when the last long
// task ended. Stamps are milliseconds of the page's clock, performance.timeOrigin + performance.now().
(() => {
  "use strict";
  const CONTROLS = "input:not([type=hidden],[type=submit],[type=image],[type=button],[type=reset]),select,textarea," +
    "[contenteditable=''],[contenteditable=true],[role=textbox],[role=combobox],[role=listbox],[role=checkbox],[role=radio],[role=switch],[role=spinbutton]";
  const SEEN_BY = ["class", "style", "hidden", "disabled", "aria-disabled", "type", "open", "role", "contenteditable"];
  const stamp = () => performance.timeOrigin + performance.now();
  const shadows = [];
  const identities = new WeakMap();
  const usableSince = new WeakMap();
  let observed = null, identity = 0, known = "", changedAt = 0, taskEndedAt = 0, mutatedAt = 0, waiting = false;

  // Out of the tab order, a line of 2 px or something transparent is a library's anchor for autofill: nobody can reach it.
  const reachable = (element) => {
    const box = element.getBoundingClientRect();
    return element.tabIndex >= 0 || (Math.min(box.width, box.height) > 4 && element.checkVisibility({ opacityProperty: true }));
  };
  const usable = (element) =>
    element.getClientRects().length > 0 && reachable(element) && element.checkVisibility({ visibilityProperty: true }) &&
    !element.matches(":disabled,[aria-disabled=true]") && ![...element.querySelectorAll(CONTROLS)].some(usable);
  const controls = () => [document, ...shadows].flatMap((root) => [...root.querySelectorAll(CONTROLS)]).filter(usable);

  function sign(elements) {
    return elements.map((element) => {
      if (!identities.has(element)) identities.set(element, ++identity);
      return identities.get(element) + ":" + (element.options ? element.options.length : 0);
    }).join();
  }
  function look() {
    waiting = false;
    follow();
    noteTasks(tasks.takeRecords()); // a task that has just ended is not delivered yet when we are asked right after it
    const elements = controls(), signature = sign(elements);
    if (signature !== known) {
      known = signature;
      changedAt = mutatedAt || stamp();
      for (const element of elements) if (!usableSince.has(element)) usableSince.set(element, changedAt);
    }
    mutatedAt = 0;
    return elements;
  }
  function note() {
    mutatedAt = stamp();
    if (!waiting) { waiting = true; requestAnimationFrame(look); }
  }
  const observer = new MutationObserver(note);
  const observe = (root) => observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: SEEN_BY });
  // A frame's first document takes over the window of the empty one before it, and this script does not run again then.
  function follow() {
    if (observed === document) return;
    observed = document;
    observe(document);
    for (const event of ["load", "transitionend", "animationend"]) document.addEventListener(event, note, true);
  }
  follow();
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    shadows.push(root);
    observe(root);
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
      fields.set(key, fields.get(key) || needed(element));
    }
    return { fields: fields.size, required: [...fields.values()].filter(Boolean).length };
  }
  function identityOf(element) {
    if (!identities.has(element)) identities.set(element, ++identity);
    return identities.get(element);
  }
  // since: the act; what stood already is no first field of the form that it opened.
  function first(elements, since) {
    return elements.map((element) => usableSince.get(element)).filter((at) => at >= since).reduce((a, b) => (a && a < b ? a : b), 0);
  }
  function report(frame, since = 0) {
    const all = { fields: 0, required: 0, changedAt: 0, taskEndedAt: 0, firstAt: 0 };
    const add = (part) => {
      if (part.firstAt && !(all.firstAt && all.firstAt < part.firstAt)) all.firstAt = part.firstAt;
      all.fields += part.fields;
      all.required += part.required;
      all.changedAt = Math.max(all.changedAt, part.changedAt);
      all.taskEndedAt = Math.max(all.taskEndedAt, part.taskEndedAt);
    };
    if (!frame) {
      const elements = look();
      add({ ...tally(elements), changedAt, taskEndedAt, firstAt: first(elements, since) });
    }
    for (const element of document.querySelectorAll(frame || "iframe,frame")) {
      let inner = null;
      try { inner = element.contentWindow.thuocdoForm; } catch { continue; } // of another origin
      if (inner && element.getClientRects().length) add(inner("", since));
    }
    const [navigation] = performance.getEntriesByType("navigation");
    const loadedAt = navigation && navigation.loadEventStart ? performance.timeOrigin + navigation.loadEventStart : 0;
    return { ...all, timeOrigin: performance.timeOrigin, loadedAt };
  }
  Object.defineProperty(window, "thuocdoForm", { value: report });
})
