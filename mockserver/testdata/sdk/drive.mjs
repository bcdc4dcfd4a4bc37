// Drives the web SDK, as it was published, along a plan and reports what the
// SDK itself says after every step. It knows no flow and no host: node.mjs and
// page.mjs hand it a plan and take its lines.
import { davinci, fido } from '@forgerock/davinci-client';
import { oidc } from '@forgerock/oidc-client';

// drive goes through the steps of plan and calls print with an object for each.
// A step is one of
//
//	{do: "start"}                 the authorize request, with plan.query
//	{do: "submit", fill: {…}}     fields by key, then the form; with key: "…", by that submit button
//	{do: "press", key: "…"}       a flow button or a flow link
//	{do: "return", key: "…"}      signs on at an identity provider and comes back
//	{do: "passkey"}               makes or uses a passkey with the browser's authenticator, then the form
//	{do: "poll"}                  waits as the POLLING field says, then sends its status
//	{do: "exchange"}              the code for tokens
//	{do: "userinfo"}              the claims about the user
//
// It rejects where the plan asks for what the screen or the SDK does not have.
export async function drive(plan, print) {
  const config = {
    clientId: plan.clientId,
    redirectUri: redirectOf(plan),
    scope: plan.scope,
    serverConfig: { wellknown: plan.wellknown },
  };
  const client = await davinci({ config });
  let companion;
  let handled; // what the SDK's node was made from, before the step

  for (const step of plan.steps) {
    handled = client.getNode().cache?.key;
    const line = { do: step.do };
    switch (step.do) {
      case 'start':
        await client.start({ query: plan.query ?? {} });
        break;
      case 'submit':
        fill(client, step.fill ?? {});
        await client.next(submitted(client, step.key));
        break;
      case 'press':
        refuse(await client.flow({ action: step.key })());
        break;
      case 'return':
        await comeBack(client, step.key);
        break;
      case 'passkey':
        await passkey(client);
        break;
      case 'poll':
        line.poll = await poll(client);
        break;
      case 'exchange': {
        companion = await oidc({ config });
        const { code, state } = client.getNode().client.authorization;
        line.tokens = refuse(await companion.token.exchange(code, state));
        break;
      }
      case 'userinfo':
        line.user = refuse(await companion.user.info());
        break;
      default:
        throw new Error(`unknown step ${step.do}`);
    }
    await print({ ...line, ...summary(client.getNode(), handled) });
  }
}

// fill types values into the fields of the screen.
function fill(client, values) {
  for (const [key, value] of Object.entries(values)) {
    const collector = client.getCollectors().find((c) => c.name === key);
    if (!collector) {
      throw new Error(`the screen has no collector for ${key}`);
    }
    refuse(client.update(collector)(taken(collector, value)));
  }
}

// submitted is the request that an app passes to next for a submit button: undefined for the
// first one of the screen, which the SDK sends of itself, whichever was pressed.
function submitted(client, key) {
  const node = client.getNode();
  if (!key || key === node.client.action) {
    return undefined;
  }
  const collectors = client.getCollectors();
  if (!collectors.some((c) => c.type === 'SubmitCollector' && c.output.key === key)) {
    throw new Error(`the screen has no submit button ${key}`);
  }
  const values = collectors.filter((c) => c.category !== 'ActionCollector' && c.input);
  return {
    id: node.server.id,
    eventName: node.server.eventName,
    interactionId: node.server.interactionId,
    parameters: {
      eventType: 'submit',
      data: { actionKey: key, formData: Object.fromEntries(values.map((c) => [c.input.key, c.input.value])) },
    },
  };
}

// taken is a value that a client posts, as the SDK takes it for a collector.
function taken(collector, value) {
  switch (value?.constructor === Object && collector.type) {
    case 'PhoneNumberExtensionCollector':
      return { extension: '', ...value };
    case 'DeviceAuthenticationCollector':
      return value.id;
    case 'DeviceRegistrationCollector':
      return value.type;
    default:
      return value;
  }
}

// poll waits until the SDK has a status for the POLLING field, and sends it.
async function poll(client) {
  const collector = client.getCollectors().find((c) => c.type === 'PollingCollector');
  if (!collector) {
    throw new Error('the screen has no polling collector');
  }
  const status = refuse(await client.pollStatus(collector)());
  refuse(client.update(collector)(status));
  await client.next();
  return status;
}

// passkey lets the SDK's fido module ask the browser, as the FIDO2 field of the screen says,
// and sends what comes of it.
async function passkey(client) {
  const collector = client.getCollectors().find((c) => c.type.startsWith('Fido'));
  if (!collector) {
    throw new Error('the screen has no collector for a passkey');
  }
  const { publicKeyCredentialCreationOptions, publicKeyCredentialRequestOptions } = collector.output.config;
  const value = publicKeyCredentialCreationOptions
    ? await fido().register(publicKeyCredentialCreationOptions)
    : await fido().authenticate(publicKeyCredentialRequestOptions);
  refuse(client.update(collector)(refuse(value)));
  await client.next();
}

// redirectOf is where the identity provider of a plan sends a page back to, which has to
// read the address; otherwise nothing is there.
function redirectOf(plan) {
  const returns = plan.steps.some((step) => step.do === 'return');
  return returns && globalThis.document ? `${location.origin}/callback` : plan.redirectUri;
}

// comeBack lets a browser follow the link to an identity provider, and resumes the flow
// with the continue token that it brings back.
async function comeBack(client, key) {
  const collector = client.getCollectors().find((c) => c.type === 'IdpCollector' && [c.name, c.output?.key].includes(key));
  if (!collector) {
    throw new Error(`the screen has no identity provider ${key}`);
  }
  refuse(await client.externalIdp()());
  const back = new URL(await followed(collector.output.url));
  refuse(await client.resume({ continueToken: back.searchParams.get('continueToken') }));
}

// followed returns the address to which a link leads a browser.
async function followed(url) {
  if (!globalThis.document) {
    return (await fetch(url, { redirect: 'manual' })).headers.get('location');
  }
  const frame = document.createElement('iframe');
  frame.src = url;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  document.body.append(frame);
  await loaded;
  return frame.contentWindow.location.href;
}

// refuse throws what the SDK returns in the place of an answer. A node has an
// error as well, which is no refusal.
function refuse(answer) {
  if (answer?.error && !('server' in answer)) {
    throw new Error(JSON.stringify(answer));
  }
  return answer;
}

// summary tells of a node what a test may ask. "handled" says whether the last
// response changed it at all: what the SDK cannot read it passes over, and
// stays at the old node.
function summary(node, before) {
  return {
    handled: node.cache?.key !== before,
    status: node.status,
    httpStatus: node.httpStatus,
    id: node.server?.id,
    interactionId: node.server?.interactionId,
    form: node.client?.name,
    action: node.client?.action,
    collectors: node.client?.collectors?.map((c) => ({
      type: c.type,
      name: c.name,
      error: c.error,
      retriesRemaining: c.output?.config?.retriesRemaining,
    })),
    error: node.error,
    code: node.client?.authorization?.code,
    session: node.server?.session,
  };
}
