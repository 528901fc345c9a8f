// Opens the fields once the form's rules are known, as server-rendered wizards do.
(function () {
  "use strict";
  var form = document.querySelector("form");
  Array.prototype.forEach.call(form.elements, function (control) { control.disabled = false; });
})();
