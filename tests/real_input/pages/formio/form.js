// A form of 24 fields, drawn by the real Form.io renderer; one list of options comes late, from the server.
const text = (key, label, required) => ({ type: "textfield", key, label, input: true, validate: { required } });
const components = [
  ...Array.from({ length: 20 }, (_, n) => text(`field${n}`, `Thông tin người được khai sinh, mục ${n + 1}`, n % 2 === 0)),
  { type: "radio", key: "gender", label: "Giới tính", input: true, values: [
    { label: "Nam", value: "male" }, { label: "Nữ", value: "female" }] },
  { type: "checkbox", key: "twins", label: "Sinh đôi", input: true },
  { type: "select", key: "province", label: "Nơi sinh", input: true, widget: "html5", dataSrc: "url", valueProperty: "code",
    template: "<span>{{ item.name }}</span>", data: { url: `${location.origin}/formio/provinces.json` } },
  { type: "textarea", key: "note", label: "Ghi chú", input: true },
  { type: "button", action: "submit", key: "submit", label: "Nộp hồ sơ", input: true },
];
Formio.createForm(document.getElementById("form"), { components });
