// Runs plans in a page, one after the other, and sends every line back to the
// server that the page is from.
import { drive } from './drive.mjs';

const post = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body) });

const plans = await (await fetch('/plans')).json();
for (const plan of plans) {
  const send = (line) => post('/line', { journey: plan.name, line });
  try {
    await drive(plan, send);
  } catch (error) {
    await send({ thrown: String(error) });
  }
}
await post('/done', {});
