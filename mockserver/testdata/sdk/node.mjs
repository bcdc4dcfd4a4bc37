// Runs plans in Node, one after the other: node node.mjs <plans.json. One line of
// JSON a step, with the name of its plan.
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
for (const plan of JSON.parse(text)) {
  const print = (line) => console.log(JSON.stringify({ journey: plan.name, line }));
  try {
    await drive(plan, print);
  } catch (error) {
    print({ thrown: String(error) });
  }
}
