// Writes a whole page of govuk-frontend's own templates and component examples: node render_govuk.js NODE_MODULES OUT
const fs = require("fs");
const path = require("path");
const [modules, out] = process.argv.slice(2);
const nunjucks = require(path.join(modules, "nunjucks"));
const dist = path.join(modules, "govuk-frontend", "dist");
const components = path.join(dist, "govuk", "components");
const examples = fs.readdirSync(components)
  .filter((name) => !["skip-link", "header", "footer", "cookie-banner", "exit-this-page", "service-navigation"].includes(name))
  .map((name) => path.join(components, name, "template-default.html"))
  .filter((file) => fs.existsSync(file))
  .map((file) => fs.readFileSync(file, "utf8"));
const page = `{% extends "govuk/template.njk" %}
{% block pageTitle %}Examples - GOV.UK Frontend{% endblock %}
{% block head %}<link rel="stylesheet" href="/node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.css">{% endblock %}
{% block content %}<h1 class="govuk-heading-xl">Examples</h1>{{ examples | safe }}{% endblock %}
{% block bodyEnd %}<script type="module">
import { initAll } from "/node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js"; initAll();
</script>{% endblock %}`;
const environment = nunjucks.configure([dist], { autoescape: true });
fs.writeFileSync(out, environment.renderString(page, {
  examples: examples.join("\n"), assetPath: "/node_modules/govuk-frontend/dist/govuk/assets",
}));
