// Injected before a page's own scripts; watches how the page loads and tells it once, when asked.
// All times in milliseconds since this document's navigation start; absent = not seen.
(() => {
  if (window.top !== window) return; // an init script runs in every frame
  const seen = { fcp: null, lcp: null, shifts: [], tasks: [] };
  const observers = [];
  const observe = (type, take) => {
    try {
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
      observer.observe({ type, buffered: true });
      observers.push([observer, take]);
      return true;
    } catch {
      return false; // this browser does not know the type: its value stays absent
    }
  };
  observe("paint", (entry) => {
    if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime;
  });
  observe("largest-contentful-paint", (entry) => (seen.lcp = entry.startTime));
  const watchesShifts = observe("layout-shift", (entry) => {
    if (!entry.hadRecentInput) seen.shifts.push([entry.startTime, entry.value]);
  });
  const watchesTasks = observe("longtask", (entry) => seen.tasks.push([entry.startTime, entry.duration]));

  // The worst session window: shifts less than 1 s apart, 5 s long at most. Source: web.dev/articles/cls
  const worstShiftWindow = () => {
    let worst = 0, sum = 0, first = 0, last = 0;
    for (const [at, value] of seen.shifts) {
      if (sum && at - last < 1000 && at - first < 5000) sum += value;
      else [sum, first] = [value, at];
      last = at;
      worst = Math.max(worst, sum);
    }
    return worst;
  };

  // What long tasks block beyond 50 ms each, from first content on. Source: web.dev/articles/tbt
  const blockingTime = () =>
    seen.tasks.reduce((sum, [start, duration]) => {
      const after = start + duration - Math.max(start, seen.fcp);
      return sum + Math.max(0, after - 50);
    }, 0);

  const frame = () =>
    new Promise((done) => {
      requestAnimationFrame(() => done());
      setTimeout(done, 250); // frames stop in a page that is not painted
    });

  // Whether what a person would read may be out of sight although it stands there: all of it is transparent, or one thing with next
  // to no text lies over the whole window (a guess that costs nothing: a picture of the page decides); and what is said by a thing that
  // lies there and lets nobody on.
  const FEW = 100, SOME = 500;
  // What lies over the whole window and is not the page itself; null = nothing.
  const coverOf = () => {
    const body = document.body, places = [0.2, 0.5, 0.8];
    let over = null;
    for (const x of places) {
      for (const y of places) {
        const hit = document.elementFromPoint(x * innerWidth, y * innerHeight);
        if (!hit) return null;
        over ??= hit;
        while (over && !over.contains(hit)) over = over.parentElement;
        if (!over || over.contains(body)) return null;
      }
    }
    return over.textContent.length < 5000 ? over : null;
  };
  const CONTROLS = "a[href],button,input,select,textarea,summary,iframe,[onclick],[role=button],[tabindex]";
  const covered = () => {
    const body = document.body;
    if (!body?.checkVisibility) return { hidden: false, cover: "" };
    if (!body.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return { hidden: true, cover: "" };
    const over = coverOf(), said = over?.innerText?.trim() ?? "";
    const stays = over && said && said.length < SOME && !over.matches(CONTROLS) && !over.querySelector(CONTROLS);
    return { hidden: Boolean(over) && said.length < FEW, cover: stays ? said : "" };
  };

  const read = async () => {
    await frame();
    await frame();
    for (const [observer, take] of observers) observer.takeRecords().forEach(take);
    const [navigation] = performance.getEntriesByType("navigation");
    const values = { lcp: seen.lcp, fcp: seen.fcp };
    if (navigation?.responseStart) values.ttfb = navigation.responseStart;
    if (navigation?.loadEventEnd) values.load = navigation.loadEventEnd;
    if (watchesShifts) values.cls = worstShiftWindow();
    if (watchesTasks) {
      if (seen.fcp !== null) values.tbt = blockingTime();
      values.longestTask = seen.tasks.reduce((longest, [, duration]) => Math.max(longest, duration), 0);
    }
    return {
      values,
      timeOrigin: performance.timeOrigin,
      url: location.href.slice(0, 20000),
      title: document.title.slice(0, 2000),
      text: (document.body?.innerText ?? "").slice(0, 200000),
      ...covered(),
      links: document.querySelectorAll("a[href]").length,
      source: (document.documentElement?.outerHTML ?? "").slice(0, 200000),
    };
  };

  // Scrolls on by a screen what a person would scroll, the window or the largest part of it, and tells whether there was more.
  let scrolled = null;
  const scrolls = (e) => e.scrollHeight > e.clientHeight + 1 && /auto|scroll|overlay/.test(getComputedStyle(e).overflowY);
  const largest = () => {
    const root = document.scrollingElement;
    if (!root || root.scrollHeight > innerHeight + 1) return root;
    const area = (e) => e.clientWidth * e.clientHeight;
    const parts = [...document.querySelectorAll("body *")].slice(0, 20000).filter(scrolls);
    return parts.reduce((most, e) => (!most || area(e) > area(most) ? e : most), null);
  };
  const scrollOn = () => {
    scrolled ??= largest();
    const before = scrolled?.scrollTop ?? 0;
    scrolled?.scrollBy({ top: 0.9 * scrolled.clientHeight, behavior: "instant" });
    return (scrolled?.scrollTop ?? 0) > before;
  };
  const scrollBack = () => scrolled?.scrollTo({ top: 0, behavior: "instant" });

  // How long one key press waits for the frame that answers it. The browser's own event timing says so in steps of 8 ms and only
  // from 16 ms on; under that our own clock does.
  const key = { own: null, timed: null };
  const armKey = () => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.name.startsWith("key")) key.timed = Math.max(key.timed ?? 0, entry.duration);
      }
    });
    observer.observe({ type: "event", durationThreshold: 16 });
    const onKey = (event) => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (key.own ??= performance.now() - event.timeStamp);
      requestAnimationFrame(() => painted.port2.postMessage(0));
    };
    addEventListener("keydown", onKey, { capture: true, once: true });
  };
  const readKey = async () => {
    await frame();
    await frame();
    return key.timed ?? key.own;
  };
  Object.defineProperty(window, "__thuocdoCollector", { value: { read, scrollOn, scrollBack, armKey, readKey } });
})();
