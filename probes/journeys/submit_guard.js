// Runs in every frame before the page's own scripts. Takes away every way by which a page, or we, could submit anything
// without a request that the request guard sees as such: forms (GET forms too), beacons, sockets, popups, shared workers.
((acts) => {
  "use strict";
  const CLICK_MILLISECONDS = 1000;
  let clickedAt = -Infinity;
  const tell = (message) => { if (typeof window.thuocdoTell === "function") window.thuocdoTell(JSON.stringify(message)); };
  const stopped = (what) => tell({ stopped: what });
  const stopEvent = (event, what) => { event.preventDefault(); event.stopImmediatePropagation(); stopped(what); };

  // Whether activating this element could change anything. going: asked for a journey, which may press what leads on.
  const refuses = (element, going) => (going ? acts.way(element) : acts.control(element)) !== null;

  function guard(root) {
    root.addEventListener("submit", (event) => stopEvent(event, "submit event"), true);
    root.addEventListener("click", (event) => {
      const element = event.composedPath()[0];
      if (element instanceof Element && refuses(element, true)) return stopEvent(event, "click on a submit control");
      // A page of its own is not opened for a link; it is followed where we look.
      for (const node of event.composedPath()) if (node instanceof HTMLAnchorElement && node.target) node.target = "_self";
      if (!event.isTrusted || root !== window) return;
      clickedAt = performance.now();
      tell({ clicked: performance.timeOrigin + clickedAt });
    }, true);
  }
  guard(window);
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    guard(root);
    return root;
  };

  // An accessor with a deaf setter: a page that puts its own function there neither breaks nor gets the real one back.
  // A frame's first document keeps the window of the empty one before it, where all of this has been done already.
  const replace = (object, name, value) => {
    if (Object.getOwnPropertyDescriptor(object, name)?.configurable === false) return;
    Object.defineProperty(object, name, { get: () => value, set: () => {}, configurable: false, enumerable: true });
  };
  replace(HTMLFormElement.prototype, "submit", function submit() { stopped("form.submit"); });
  replace(HTMLFormElement.prototype, "requestSubmit", function requestSubmit() { stopped("form.requestSubmit"); });
  replace(Navigator.prototype, "sendBeacon", function sendBeacon() { stopped("sendBeacon"); return true; });
  replace(WebSocket.prototype, "send", function send() { stopped("WebSocket.send"); });
  // What a click of ours opens in a window of its own is read where we look; whatever a page opens by itself is not opened.
  replace(window, "open", function open(url) {
    const address = url && new URL(url, document.baseURI);
    if (address && /^https?:$/.test(address.protocol) && !acts.address(address.href) && performance.now() - clickedAt < CLICK_MILLISECONDS) {
      clickedAt = -Infinity;
      location.assign(address);
    } else stopped("window.open");
    return null;
  });
  delete window.SharedWorker; // its requests belong to no page, so nobody could stop them
  delete window.WebTransport;
  delete window.RTCPeerConnection;
  delete window.webkitRTCPeerConnection;

  if ("thuocdoRefuses" in window) return;
  Object.defineProperty(window, "thuocdoRefuses", { value: refuses });
  Object.defineProperty(window, "thuocdoShuns", { value: (element) => acts.resting(element) !== null });
  Object.defineProperty(window, "thuocdoOpens", { value: acts.opens });
  Object.defineProperty(window, "thuocdoIsProcedure", { value: acts.procedure });
})
