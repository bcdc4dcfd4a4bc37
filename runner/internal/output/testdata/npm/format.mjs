// Renders messages from standard input as a page on standard output, with the
// official formatter.
import { CucumberHtmlStream } from "@cucumber/html-formatter";
import { createInterface } from "node:readline";

const page = new CucumberHtmlStream();
page.pipe(process.stdout);
for await (const line of createInterface({ input: process.stdin })) page.write(JSON.parse(line));
page.end();
