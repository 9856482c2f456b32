#!/usr/bin/env node
// Runs one environment of the shop: two slots of instances behind a weighted proxy, and a control API for the
// scripts beside this file. It is started once per environment and lives on; deployments only talk to it.
//
//   node ops/supervisor.js --root DIR --environment NAME --port CONTROL_PORT --public-port PORT [--instances 2]
//
// Everything that it must remember is in DIR/state.json, so it may be killed and started again at any moment.
// SHOP_CONTROL_TOKEN, if set, is what callers of the control API have to present.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startControl } from './supervisor/control.js';
import { createSupervisor } from './supervisor/environment.js';

const USAGE =
  'usage: supervisor.js --root DIR --environment NAME --port CONTROL_PORT --public-port PORT [--instances 2]';

/** @returns {{ root: string, environment: string, port: number, publicPort: number, instances: number }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        root: { type: 'string' },
        environment: { type: 'string' },
        port: { type: 'string', default: '0' },
        'public-port': { type: 'string', default: '0' },
        instances: { type: 'string', default: '2' },
      },
    });
    const mistakes = [];
    if (!values.root) mistakes.push('--root is missing');
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(values.environment ?? ''))
      mistakes.push('--environment has to be a name in lower case');
    for (const name of /** @type {const} */ (['port', 'public-port']))
      if (!/^\d{1,5}$/.test(values[name])) mistakes.push(`--${name} has to be a port`);
    if (!/^[1-9]\d?$/.test(values.instances)) mistakes.push('--instances has to be a number from 1 to 99');
    if (mistakes.length > 0) throw new Error(mistakes.join('; '));
    return {
      root: path.resolve(values.root ?? ''),
      environment: values.environment ?? '',
      port: Number(values.port),
      publicPort: Number(values['public-port']),
      instances: Number(values.instances),
    };
  } catch (error) {
    console.error(`supervisor: ${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const options = readArguments();
/** @param {{ code?: string, port?: number, message: string }} error */
const giveUp = ({ code, port, message }) => {
  console.error(
    `supervisor: ${code === 'EADDRINUSE' ? `port ${port} is in use; is it running already?` : message}`,
  );
  process.exit(1);
};
const supervisor = await createSupervisor(options).catch(giveUp);
const control = await startControl(supervisor, {
  port: options.port,
  token: process.env.SHOP_CONTROL_TOKEN,
}).catch(giveUp);
console.log(JSON.stringify({ ready: true, control: control.port, public: supervisor.publicPort }));

let stopping = false;
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await control.stop();
    await supervisor.stop();
    process.exit(0);
  });
}
