// A small single-page application: procedure, agency, form; everything comes from the API.
(function () {
  "use strict";
  const app = document.getElementById("app");
  const code = app.dataset.thuTuc;
  const chosen = new URLSearchParams(location.search).get("maCoQuan") || "";

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child != null));
    return node;
  }

  async function api(path) {
    const answer = await fetch("/api/" + path);
    if (!answer.ok) throw new Error("API " + path + ": " + answer.status);
    return answer.json();
  }

  function frame(portal, main) {
    app.replaceChildren(
      el("header", { class: "dau-trang" }, el("p", { class: "ten-cong" }, el("a", { href: "/" }, portal.name)), el("p", { class: "co-quan" }, portal.agency)),
      main,
      el("footer", { class: "chan-trang" }, el("p", {}, portal.name), el("p", {}, "Trang mô phỏng dùng để thử nghiệm, không phải cổng dịch vụ công thật.")),
    );
  }

  async function showProcedure() {
    const data = await api("thu-tuc/" + code);
    const select = el("select", { id: "co-quan" }, el("option", { value: "" }, "-- Chọn cơ quan --"));
    for (const unit of data.units) select.append(el("option", { value: unit.code, selected: unit.code === chosen }, unit.name));
    const note = el("p", { role: "status" });
    const apply = el("button", { type: "button", class: "nut" }, "Nộp trực tuyến");
    apply.addEventListener("click", () => {
      if (!select.value) { note.textContent = "Vui lòng chọn cơ quan thực hiện."; return; }
      if (data.login) { location.assign(data.login); return; }
      showForm(data);
    });
    frame(data.portal, el("main", {},
      el("h1", {}, data.name),
      el("p", {}, "Mã thủ tục: " + code + ". Dịch vụ công trực tuyến " + data.level + "."),
      el("p", {}, "Thời hạn giải quyết: " + data.days + " ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ."),
      el("p", { class: "o" }, el("label", { for: "co-quan" }, "Cơ quan thực hiện"), select), note, el("p", {}, apply)));
  }

  function caption(field) {
    const words = [field.label];
    if (field.required) words.push(" ", el("span", { class: "bat-buoc" }, "(*)"));
    return field.labelled ? el("label", { for: field.name }, ...words) : el("span", { class: "nhan" }, ...words);
  }

  function row(field) {
    const common = { id: field.name, name: field.name, required: field.required };
    if (field.kind === "radio") {
      const group = el("fieldset", { class: "nhom" }, el("legend", {}, field.label + (field.required ? " (*)" : "")));
      for (const choice of field.choices) {
        group.append(el("label", {}, el("input", { type: "radio", name: field.name, value: choice, required: field.required }), " " + choice));
      }
      return group;
    }
    if (field.kind === "select") {
      return el("p", { class: "o" }, caption(field), " ", el("select", { ...common, disabled: true, "data-options": field.options }, el("option", { value: "" }, "Đang tải…")));
    }
    if (field.kind === "textarea") return el("p", { class: "o" }, caption(field), " ", el("textarea", { ...common, rows: 3 }));
    const control = el("input", { ...common, type: field.kind });
    return field.kind === "checkbox" ? el("p", { class: "o" }, control, " ", caption(field)) : el("p", { class: "o" }, caption(field), " ", control);
  }

  async function fill(list) {
    const names = await api("danh-muc/" + list);
    for (const select of document.querySelectorAll(`select[data-options="${list}"]`)) {
      select.replaceChildren(el("option", { value: "" }, "-- Chọn --"), ...names.map((name) => el("option", {}, name)));
      select.disabled = false;
    }
  }

  async function showForm(data) {
    frame(data.portal, el("main", {}, el("h1", {}, "Kê khai hồ sơ"), el("p", { role: "status" }, "Đang tải biểu mẫu, vui lòng chờ…")));
    const schema = await api("bieu-mau/" + code);
    if (!schema.sections.length) return;
    const form = el("form", { method: "post", action: "/api/ho-so" });
    for (const section of schema.sections) form.append(el("h2", {}, section.title), ...section.fields.map(row));
    for (const hint of schema.hints) form.append(el("p", { class: "nhat" }, hint));
    if (schema.emptyButton) form.append(el("button", { type: "button", class: "nut-in" }));
    form.append(el("p", {}, el("button", { type: "submit", class: "nut" }, "Nộp hồ sơ")));
    frame(data.portal, el("main", {}, el("h1", {}, "Kê khai hồ sơ"), el("p", {}, data.name), form));
    for (const list of schema.lists) fill(list);
  }

  showProcedure();
})();
