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
const expressions = built.expressionLinks.map(({ expression, locationLink }) => ({
  source: expression.source,
  // A regular expression keeps its RegExp; the extension takes other text for a Cucumber Expression.
  regexp: expression.regexp instanceof RegExp && expression.constructor.name === "RegularExpression",
  file: locationLink.targetUri,
  line: locationLink.targetSelectionRange.start.line + 1,
}));

const list = built.expressionLinks.map((link) => link.expression);
const diagnostics = Object.entries(input.features).flatMap(([file, feature]) =>
  getGherkinDiagnostics(feature, list).map((d) => ({ file, line: d.range.start.line + 1, message: d.message })),
);

process.stdout.write(JSON.stringify({ expressions, errors: built.errors.map((e) => e.message), diagnostics }));
