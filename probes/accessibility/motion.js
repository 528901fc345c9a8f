// What changes, moves or blinks on a page that nobody touches: a function of {seconds}; returns thuocdo.tally()'s said.
async ({ seconds }) => {
  const found = thuocdo.tally();
  const STOPS = /tạm dừng|dừng|ngừng|ẩn|tắt|tần suất|pause|stop|hide|freeze|frequency/iu;
  const CLOCK = /\d{1,2}\s*[:hg]\s*\d{2}|\d+\s*(giây|s|sec|seconds)\b/iu;
  const OWN = "[role=timer],[role=progressbar],[role=status],[role=alert],[role=log],[aria-live],progress,meter,time,video,audio";
  const changes = new Map();
  const observer = new MutationObserver((records) => {
    for (const one of new Set(records.map(({ target }) => (target.nodeType === 1 ? target : target.parentElement)))) {
      if (one?.isConnected && changes.size < 500) changes.set(one, (changes.get(one) ?? 0) + 1);
    }
  });
  observer.observe(document, { subtree: true, characterData: true, childList: true });
  const running = document.getAnimations().filter((one) => one.playState === "running" && one.effect?.target && !one.effect.pseudoElement);
  if (window === window.top || running.length) await new Promise((done) => setTimeout(done, seconds * 1000));
  observer.disconnect();

  const stoppable = thuocdo.withAxe(() => thuocdo.all("button,a[href],input,select,[role=button],[role=switch]").some((e) => thuocdo.drawn(e) && thuocdo.spoken(e) && STOPS.test(thuocdo.name(e))));
  for (const [element, count] of changes) {
    const text = element.innerText?.trim();
    if (count < 2 || !text || text.length > 300 || !thuocdo.drawn(element) || element.closest(OWN)) continue;
    if (stoppable) found.passed("text-changes-by-itself");
    else if (CLOCK.test(text)) found.review("text-changes-by-itself", element, text);
    else found.failed("text-changes-by-itself", element, text);
  }

  const MOVING = ["transform", "translate", "left", "right", "top", "bottom", "marginLeft", "marginTop", "textIndent", "backgroundPositionX", "offsetDistance"];
  const BLINKING = ["opacity", "visibility", "color", "backgroundColor", "filter"];
  const seen = new Set();
  for (const { effect } of running) {
    const { target } = effect, timing = effect.getComputedTiming(), changed = new Set(effect.getKeyframes().flatMap(Object.keys));
    const { width, height } = target.getBoundingClientRect(), text = target.innerText?.trim() ?? "";
    if (timing.endTime < 5000 || !thuocdo.drawn(target) || width * height < 400 || target.closest(OWN)) continue;
    const moves = MOVING.some((name) => changed.has(name)), blinks = BLINKING.some((name) => changed.has(name));
    if (blinks && timing.duration < 1000 / 3 && width * height > 21824) found.review("flashes", target, `${Math.round(timing.duration)} ms`);
    if (seen.has(target) || !(moves || blinks)) continue;
    seen.add(target);
    if (stoppable) found.passed("moves-without-pause");
    else if (moves && text.length >= 10) found.failed("moves-without-pause", target, text);
    else if (width * height > 2500) found.review("moves-without-pause", target, text);
  }
  return found.said;
}
