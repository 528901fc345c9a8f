// Runs in every frame before the page's own scripts. Takes away every way by which a page, or we, could submit anything
// without a request that the request guard sees as such: forms (GET forms too), beacons, sockets, popups, shared workers.
((words) => {
  "use strict";
  const submitWords = new RegExp(`(?<!\\p{L})(${words.join("|")})(?!\\p{L})`, "iu");
  const CLICK_MILLISECONDS = 1000;
  let clickedAt = -Infinity;
  const tell = (message) => { if (typeof window.thuocdoTell === "function") window.thuocdoTell(JSON.stringify(message)); };
  const stopped = (what) => tell({ stopped: what });
  const stopEvent = (event, what) => { event.preventDefault(); event.stopImmediatePropagation(); stopped(what); };

  // Every text a control may be known by; a button's `value` alone would hide what stands on it.
  const labelOf = (element) =>
    [element.getAttribute("aria-label"), element.value, element.innerText || element.textContent, element.title]
      .filter(Boolean).join(" | ").normalize("NFC").replace(/\s+/gu, " ");
  const leads = (element) => element instanceof HTMLAnchorElement && /^https?:$/.test(element.protocol) && !/^#/.test(element.getAttribute("href") || "#");

  // Whether activating this very element could submit: by what it is, or by what it is called.
  function submits(element) {
    const role = (element.getAttribute("role") || "").toLowerCase();
    if (element instanceof HTMLInputElement) {
      if (element.type === "submit" || element.type === "image") return true;
      return element.type === "button" && submitWords.test(labelOf(element));
    }
    if (element instanceof HTMLButtonElement) {
      if (element.type === "submit" && (element.form || element.hasAttribute("type") || element.hasAttribute("form"))) return true;
      return submitWords.test(labelOf(element));
    }
    if (["button", "menuitem", "tab", "link"].includes(role) || (element instanceof HTMLAnchorElement && !leads(element))) {
      return !(role === "link" && leads(element)) && submitWords.test(labelOf(element));
    }
    return false;
  }
  function refuses(element) {
    for (let node = element; node; node = node.parentElement || node.getRootNode().host) {
      if (node instanceof Element && submits(node)) return true;
      if (node instanceof HTMLLabelElement && node.control && submits(node.control)) return true;
    }
    return false;
  }

  function guard(root) {
    root.addEventListener("submit", (event) => stopEvent(event, "submit event"), true);
    root.addEventListener("click", (event) => {
      const element = event.composedPath()[0];
      if (element instanceof Element && refuses(element)) return stopEvent(event, "click on a submit control");
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
    if (address && /^https?:$/.test(address.protocol) && performance.now() - clickedAt < CLICK_MILLISECONDS) {
      clickedAt = -Infinity;
      location.assign(address);
    } else stopped("window.open");
    return null;
  });
  delete window.SharedWorker; // its requests belong to no page, so nobody could stop them
  delete window.WebTransport;
  delete window.RTCPeerConnection;

  if (!("thuocdoRefuses" in window)) Object.defineProperty(window, "thuocdoRefuses", { value: refuses });
})
