// Signs on with the web SDK, as it was published, and prints what the SDK says:
//
//	node signon.mjs FOLDER-WITH-NODE_MODULES <plan.json
//
// The plan has wellknown, policy, username and password. A wrong password comes
// first.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What the SDK takes from a browser and Node does not have.
for (const name of ['sessionStorage', 'localStorage']) {
  const items = new Map();
  Object.defineProperty(globalThis, name, {
    value: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, String(value)),
      removeItem: (key) => void items.delete(key),
    },
  });
}

// load imports a package that lies in the folder's node_modules.
const folder = resolve(process.argv[2]);
const require = createRequire(resolve(folder, 'package.json'));
async function load(name) {
  const paths = require.resolve.paths(name);
  const { readFileSync } = await import('node:fs');
  const home = resolve(paths[0], name);
  const { exports, main } = JSON.parse(readFileSync(resolve(home, 'package.json')));
  const entry = exports?.['.']?.import ?? exports?.['.'] ?? main;
  return import(pathToFileURL(resolve(home, entry.default ?? entry)).href);
}

let text = '';
for await (const chunk of process.stdin) {
  text += chunk;
}
const plan = JSON.parse(text);
const { davinci } = await load('@forgerock/davinci-client');
const { oidc } = await load('@forgerock/oidc-client');
const config = {
  clientId: 'app',
  redirectUri: 'https://app.example.com/callback',
  scope: 'openid profile email',
  serverConfig: { wellknown: plan.wellknown },
};
const client = await davinci({ config });
const seen = [];

function fill(key, value) {
  client.update(client.getCollectors().find((c) => c.name === key))(value);
}

await client.start({ query: { acr_values: plan.policy } });
seen.push(client.getNode().status);
fill('username', plan.username);
fill('password', 'not the password');
await client.next();
seen.push(client.getNode().status);
fill('password', plan.password);
await client.next();
const node = client.getNode();
seen.push(node.status);

const companion = await oidc({ config });
const { code, state } = node.client.authorization;
const tokens = await companion.token.exchange(code, state);
const user = await companion.user.info();
console.log(JSON.stringify({ status: node.status, seen, tokens, user }));
