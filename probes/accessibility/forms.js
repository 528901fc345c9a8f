// Looks at the fields of one document: names, groups, marks of required fields, purpose, errors that stand there, time limits.
() => {
  const found = thuocdo.tally();
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  const words = (text) => plain(text).toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
  const NOT_FIELDS = ["hidden", "submit", "button", "reset", "image"];
  const FIELDS = "input,select,textarea," + ["checkbox", "combobox", "listbox", "menuitemcheckbox", "menuitemradio", "radio",
    "searchbox", "slider", "spinbutton", "switch", "textbox"].map((role) => `[role=${role}]`).join(",");
  const fields = thuocdo.all(FIELDS).filter((field) => !(field.localName === "input" && NOT_FIELDS.includes(field.type))).slice(0, 500);
  const drawn = fields.filter((field) => thuocdo.drawn(field));
  const clickable = (field) => field.type === "radio" || field.type === "checkbox";

  // The row of a field: the largest part of the page, a few steps up, that holds no other field.
  const row = (field) => {
    let found = field;
    for (let up = field.parentElement, steps = 0; up && steps < 4 && !up.matches("form,body,main,fieldset,tbody"); up = up.parentElement, steps += 1) {
      if (drawn.some((other) => other !== field && up.contains(other))) break;
      found = up;
    }
    return found;
  };
  const referenced = (element, attribute) =>
    (element.getAttribute(attribute) || "").split(/\s+/).filter(Boolean).map((id) => element.getRootNode().getElementById(id)).filter(Boolean);
  const described = (field) => plain([...referenced(field, "aria-describedby"), ...referenced(field, "aria-errormessage")].map((e) => e.textContent).join(" "));
  const NO_MARK = /không bắt buộc|không cần|not required|optional|tùy chọn|tuỳ chọn/giu;
  const marked = (text) => /(^|[^\p{N}*\p{L}(]|\p{L}|\p{L}\))\s?[*＊∗✱](?![\p{N}*])|\(\s?[*＊∗✱]\s?\)|bắt buộc|(?<!\p{L})required(?!\p{L})/iu.test(text.replace(NO_MARK, " "));
  const legendOfMarks = (text) => /\*\s*\)?\s*[:=–-]?\s*(là|các|những|mục|trường|thông tin|bắt buộc|indicates|required|fields|denotes)/iu.test(text);

  // Groups: several radio buttons of one name are one question; without the question, "Có / Không" says nothing.
  const grouped = (box) => {
    for (let up = box.parentElement || box.getRootNode().host; up; up = up.parentElement || up.getRootNode().host) {
      if (up.localName === "fieldset" && plain([...up.children].find((c) => c.localName === "legend")?.textContent)) return true;
      if (["fieldset"].includes(up.localName) || ["group", "radiogroup"].includes(up.getAttribute("role"))) if (thuocdo.name(up)) return true;
    }
    return false;
  };
  const question = (boxes) => {
    let common = boxes[0].parentElement;
    while (common && !boxes.every((box) => common.contains(box))) common = common.parentElement;
    for (let steps = 0; common && steps < 3 && !common.matches("form,body,main"); common = common.parentElement, steps += 1) {
      if (drawn.some((field) => common.contains(field) && !boxes.includes(field))) return "";
      const range = document.createRange();
      range.setStart(common, 0);
      const label = boxes[0].labels?.[0];
      range.setEndBefore(label?.contains(boxes[0]) || label?.compareDocumentPosition(boxes[0]) & 4 ? label : boxes[0]);
      const text = plain(range.toString());
      if (text) return text.length <= 150 ? text : "";
    }
    return "";
  };
  const groups = () => {
    const byName = new Map();
    for (const box of drawn.filter((field) => field.localName === "input" && clickable(field) && field.getAttribute("name"))) {
      const root = box.form || box.getRootNode();
      const key = `${thuocdo.keep(root)} ${box.type} ${box.name}`;
      byName.set(key, [...(byName.get(key) || []), box]);
    }
    for (const boxes of [...byName.values()].filter((one) => one.length > 1)) {
      const names = boxes.map((box) => thuocdo.name(box));
      const asked = question(boxes);
      const told = names.every((name) => words(name).length >= 5 || (asked && plain(name).toLowerCase().includes(asked.replace(/[:?*\s]+$/u, "").toLowerCase())))
        || boxes.every((box) => described(box));
      if (grouped(boxes[0]) || told) found.passed("field-group-name");
      else if (boxes[0].type === "radio" && asked && !boxes[0].closest("table,[role=table],[role=grid]")) found.failed("field-group-name", boxes[0], asked);
      else found.review("field-group-name", boxes[0], names.join(" / "));
    }
  };

  const required = (field, name) => {
    const told = field.required || field.getAttribute("aria-required") === "true" || marked(name) || marked(described(field));
    const around = row(field);
    let text = plain(around === field ? "" : around.innerText);
    for (const label of [...(field.labels || []), ...referenced(field, "aria-labelledby")]) {
      if (!text.includes(plain(label.innerText))) text += ` ${plain(label.innerText)}`;
    }
    if (around === field && !(field.labels?.length)) return;
    if (legendOfMarks(text)) return;
    const seen = marked(text) || marked(plain(field.placeholder || ""));
    if (seen && told) found.passed("required-mark-told");
    else if (seen && !field.disabled && !field.readOnly) found.failed("required-mark-told", field, text.slice(0, 120));
    const pseudo = [...(field.labels || [])].some((label) => [label, ...label.querySelectorAll("*")].some((e) =>
      ["::before", "::after"].some((side) => { const c = getComputedStyle(e, side); return !["none", "normal", '""'].includes(c.content); })));
    if ((field.required || field.getAttribute("aria-required") === "true") && !field.disabled) {
      if (seen || pseudo) found.passed("required-mark-seen");
      else found.review("required-mark-seen", field, text.slice(0, 120));
    }
  };

  const PURPOSES = [
    [/(?<!\p{L})(họ (và|,)? ?(chữ )?(đệm|tên)|họ tên|full name|your name)/iu, "name"], [/(?<!\p{L})(e-?mail|thư điện tử)/iu, "email"],
    [/(số )?điện thoại|(?<!\p{L})(sđt|phone|mobile)/iu, "tel"], [/ngày sinh|date of birth|birthday/iu, "bday"],
    [/địa chỉ (thường trú|liên hệ|nơi ở|hiện tại)|street address|postal address/iu, "street-address"],
    [/tên đăng nhập|username/iu, "username"], [/mật khẩu|password/iu, "current-password"],
  ];
  const purposes = (named) => {
    const asking = named.filter(([field, name]) => name && ["input", "textarea"].includes(field.localName) && !clickable(field) && !field.disabled && !field.readOnly)
      .map(([field, name]) => [field, PURPOSES.find(([pattern]) => pattern.test(name))?.[1]]).filter(([, purpose]) => purpose);
    if (new Set(asking.map(([, purpose]) => purpose)).size < 2) return; // one alone may be a search, or somebody else's
    for (const [field, purpose] of asking) {
      const set = plain(field.getAttribute("autocomplete") || field.form?.getAttribute("autocomplete"));
      if (set && set !== "on") found.passed("autocomplete-purpose");
      else found.review("autocomplete-purpose", field, `autocomplete="${purpose}"`);
    }
  };

  // Errors that stand on the page.
  const SOUNDS_WRONG = /lỗi|hợp lệ|không đúng|(?<!\p{L})sai(?!\p{L})|chưa (nhập|chọn|điền|đúng)|bắt buộc|vui lòng|không được|(?<!\p{L})(invalid|error|incorrect|wrong|missing|must|required|please|cannot be|not valid)(?!\p{L})/iu;
  const NAMES_ERRORS = /(^|[\s_-])(error|errors|err|invalid|loi|invalid-feedback|field-validation-error|help-block-error)([\s_-]|$)/i;
  const EMPTY_WORDS = new Set(words("invalid value for the of in a an this field entry input data is not valid error incorrect wrong please check try again your lỗi giá trị dữ liệu thông tin trường ô mục này không hợp lệ đúng sai bị của cho nhập vào có vui lòng kiểm tra thử lại đã xảy ra"));
  const errors = () => {
    if (!drawn.length) return;
    const candidates = new Set(thuocdo.all("[id],[class],[role=alert]").filter((e) =>
      e.getAttribute("role") === "alert" || NAMES_ERRORS.test(e.id) || NAMES_ERRORS.test(e.getAttribute("class") || "")));
    for (const field of drawn) for (const e of referenced(field, "aria-errormessage")) candidates.add(e);
    const list = [...candidates].filter((e) => !e.matches("input,select,textarea,form,body,html,script,style") && thuocdo.drawn(e) && !e.querySelector("input,select,textarea"));
    const labels = new Map(drawn.map((field) => [field, words([...(field.labels || [])].map((l) => l.textContent).join(" ") || field.getAttribute("aria-label")).join(" ")]));
    for (const element of list.filter((e) => !list.some((other) => other !== e && e.contains(other))).slice(0, 100)) {
      const text = plain(element.innerText);
      if (!text || text.length > 300 || !SOUNDS_WRONG.test(text)) continue;
      if (!element.closest("form") && !drawn.some((field) => referenced(field, "aria-describedby").concat(referenced(field, "aria-errormessage")).includes(element)) && !drawn.some((field) => row(field).contains(element))) continue;
      const tied = drawn.some((field) => [...referenced(field, "aria-describedby"), ...referenced(field, "aria-errormessage"), ...referenced(field, "aria-labelledby")].includes(element) || [...(field.labels || [])].some((l) => l.contains(element)));
      if (!tied && !thuocdo.spoken(element)) { found.failed("error-message-clear", element, text); continue; }
      const own = drawn.filter((field) => row(field).contains(element));
      const said = words(text);
      const near = own.length ? own : drawn.filter((field) => (element.closest("form") || document).contains(field));
      const known = new Set(near.flatMap((field) => (labels.get(field) || "").split(" ")));
      if (said.every((word) => EMPTY_WORDS.has(word) || known.has(word))) {
        const bare = said.every((word) => EMPTY_WORDS.has(word));
        // A general "please check" above the form may stand beside messages of its own at each field.
        if (list.length > 1 || (bare && !own.length && !tied)) found.review("error-message-clear", element, text);
        else found.failed("error-message-clear", element, text);
        continue;
      }
      const phrase = ` ${said.join(" ")} `;
      const twice = [...labels.values()].find((label, at, all) => label.length > 1 && all.indexOf(label) !== at && phrase.includes(` ${label} `));
      if (twice && !own.length && !tied) {
        const legends = thuocdo.all("legend").map((l) => words(l.textContent).join(" ")).filter(Boolean);
        if (!legends.some((legend) => phrase.includes(` ${legend} `))) { found.failed("error-message-clear", element, text); continue; }
      }
      found.passed("error-message-clear");
    }
  };

  const limits = () => {
    const COUNTS = /(còn lại|hết hạn sau|hết phiên sau|tự động (chuyển|đăng xuất|hủy|huỷ) .{0,20}sau|time (left|remaining)|expires? in|log(ged)? out in)\s*:?\s*[^.]{0,20}?(\d+\s*(:\s*\d\d|giây|phút|s\b|sec|min))/iu;
    const walker = document.createTreeWalker(document.body || document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(), steps = 0; node && steps < 20000; node = walker.nextNode(), steps += 1) {
      if (!/còn lại|sau|left|remaining|in\b/iu.test(node.data)) continue;
      const element = node.parentElement;
      if (element.matches("script,style,noscript") || !thuocdo.drawn(element)) continue;
      const text = plain(element.innerText || "").slice(0, 300);
      const around = COUNTS.test(text) ? text : plain(element.parentElement?.innerText || "").slice(0, 300);
      if (COUNTS.test(around)) found.review("time-limit", element, around.slice(0, 120));
    }
  };

  limits();
  if (!fields.length) return found.said;
  return thuocdo.withAxe(() => {
    const named = drawn.map((field) => [field, thuocdo.name(field)]);
    for (const [field, name] of named) {
      const disabled = field.disabled || field.getAttribute("aria-disabled") === "true";
      if (disabled && thuocdo.spoken(field)) {
        if (name || field.type === "file") found.passed("disabled-field-name");
        else found.failed("disabled-field-name", field);
      }
      if (!clickable(field) && field.matches("input,select,textarea,[role=textbox],[role=combobox]")) required(field, name);
    }
    groups();
    purposes(named);
    errors();
    return found.said;
  });
}
