// Passes through empty fields as somebody who fills in nothing, sets off the forms' own check, and looks at the messages that this
// brings up. Nothing is pressed or typed; the line is cut, and the sending of a form that finds nothing wrong is held back here, too.
async ({ most, waitMilliseconds }) => {
  const rule = "error-message-announced";
  const said = { passed: 0, failed: [], review: [] };
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  const SOUNDS_WRONG = /lỗi|hợp lệ|không đúng|chưa (nhập|chọn|điền)|bắt buộc|vui lòng|không được|(?<!\p{L})(invalid|error|incorrect|missing|must|required|please|cannot be)(?!\p{L})/iu;
  const fields = thuocdo.all("input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image],[type=radio],[type=checkbox],[type=file]),textarea,select")
    .filter((field) => !field.disabled && !field.readOnly && !field.value && thuocdo.drawn(field));
  const tried = fields.filter((field) => field.form || field.required || field.getAttribute("aria-required") === "true").slice(0, most);
  if (!tried.length) return { [rule]: said };
  const messages = (root) => [root, ...thuocdo.all("*", root).slice(0, 300)].filter((e) => {
    const own = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(" ");
    return own.trim() && own.length < 300 && SOUNDS_WRONG.test(own.normalize("NFC")) && !e.matches("label,legend,option,script,style,input,textarea,button,h1,h2,h3") && thuocdo.drawn(e);
  });
  const before = new Map();
  for (const form of new Set(tried.map((field) => field.form || field.parentElement))) for (const e of messages(form)) before.set(e, plain(e.textContent));
  const touched = new Set();
  const watch = (records) => { for (const { target } of records) if (touched.size < 200) touched.add(target.nodeType === 1 ? target : target.parentElement); };
  const observer = new MutationObserver(watch);
  observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "hidden"] });
  const [x, y] = [scrollX, scrollY];
  for (const field of tried) { field.focus({ preventScroll: true }); field.blur(); }
  addEventListener("submit", (event) => event.preventDefault(), true);
  for (const form of new Set(tried.map((field) => field.form).filter(Boolean))) HTMLFormElement.prototype.requestSubmit.call(form);
  await new Promise((done) => setTimeout(done, waitMilliseconds));
  watch(observer.takeRecords());
  observer.disconnect();
  scrollTo(x, y);
  const found = new Set([...touched].filter((e) => e?.isConnected).flatMap(messages).filter((e) => before.get(e) !== plain(e.textContent)));
  const all = thuocdo.all("input,select,textarea");
  for (const element of [...found].slice(0, 50)) {
    const chain = [];
    for (let up = element; up; up = up.parentElement || up.getRootNode().host) chain.push(up);
    const ids = new Set(chain.map((e) => e.id).filter(Boolean));
    const tied = all.some((field) => ["aria-describedby", "aria-errormessage", "aria-labelledby"].some((name) =>
      (field.getAttribute(name) || "").split(/\s+/).some((id) => ids.has(id))) || [...(field.labels || [])].some((label) => label.contains(element)));
    const live = chain.some((e) => ["alert", "status", "log", "alertdialog"].includes(e.getAttribute("role")) || ["polite", "assertive"].includes(e.getAttribute("aria-live")) || e.localName === "output");
    const focused = chain.includes(document.activeElement) && document.activeElement !== document.body;
    if (tied || live || focused) said.passed += 1;
    else said.failed.push(thuocdo.place(element, plain(element.textContent)));
  }
  return { [rule]: said };
}
