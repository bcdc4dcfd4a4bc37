// Runs a plan in Node: node node.mjs <plan.json. One line of JSON a step.
import { drive } from './drive.mjs';

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

let text = '';
for await (const chunk of process.stdin) {
  text += chunk;
}
const print = (line) => console.log(JSON.stringify(line));
try {
  await drive(JSON.parse(text), print);
} catch (error) {
  print({ thrown: String(error) });
}
