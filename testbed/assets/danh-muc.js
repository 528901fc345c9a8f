// Fills the communes from the old look-up service, as pages of the jQuery days do.
(function () {
  "use strict";
  var request = new XMLHttpRequest();
  request.open("GET", "/Handlers/DanhMuc.ashx?loai=phuong-xa");
  request.onload = function () {
    var names = JSON.parse(request.responseText);
    Array.prototype.forEach.call(document.querySelectorAll("select[name$='-xa']"), function (select) {
      names.forEach(function (name) { select.add(new Option(name)); });
    });
  };
  request.send();
})();
