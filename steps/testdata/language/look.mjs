// Reads {"sources": {NAME: GO}, "features": {NAME: GHERKIN}} from the standard
// input and prints what an editor with the Cucumber extension makes of it: the
// expressions of the step definitions that it finds, what it could not read,
// and what it would underline in the features.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { ExpressionBuilder, getGherkinDiagnostics } from "@cucumber/language-service";
import { WasmParserAdapter } from "@cucumber/language-service/wasm";

const input = JSON.parse(await text(process.stdin));

// The grammars lie beside the package's dist/cjs; as WebAssembly they need no compiler.
const main = createRequire(import.meta.url).resolve("@cucumber/language-service");
const adapter = new WasmParserAdapter(main.slice(0, main.lastIndexOf("dist") + "dist".length));
await adapter.init();

const sources = Object.entries(input.sources).map(([uri, content]) => ({ languageName: "go", uri, content }));
const built = new ExpressionBuilder(adapter).build(sources, []);
// The service takes every literal of a registration for an expression, and what
// has no anchor for a Cucumber Expression: the docs and examples among them.
const isRegexp = (expression) => expression.regexp instanceof RegExp && expression.constructor.name === "RegularExpression";
const expressions = built.expressionLinks.map(({ expression, locationLink }) => ({
  source: expression.source,
  regexp: isRegexp(expression),
  file: locationLink.targetUri,
  line: locationLink.targetSelectionRange.start.line + 1,
}));

// No step counts as defined because of a doc or an example.
const list = built.expressionLinks.map((link) => link.expression).filter(isRegexp);
const diagnostics = Object.entries(input.features).flatMap(([file, feature]) =>
  getGherkinDiagnostics(feature, list).map((d) => ({ file, line: d.range.start.line + 1, message: d.message })),
);

process.stdout.write(JSON.stringify({ expressions, errors: built.errors.map((e) => e.message), diagnostics }));
