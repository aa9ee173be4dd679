// Process of a Node.js function: loads the handler, then takes events until the environment ends.
// With the argument `prepared` it first waits for its variables on descriptor 3.
'use strict';

const fs = require('node:fs');
const errors = require('./errors.cjs');
const logging = require('./logging.cjs');
const { RuntimeClient } = require('./client.cjs');
const { load } = require('./user_function.cjs');
const { Loop } = require('./loop.cjs');

const VARIABLES = 3;

function waitForVariables() {
  const text = fs.readFileSync(VARIABLES, 'utf8');
  fs.closeSync(VARIABLES);
  if (!text) process.exit(0);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const variable of text.split('\0')) {
    const at = variable.indexOf('=');
    process.env[variable.slice(0, at)] = variable.slice(at + 1);
  }
}

async function main() {
  if (process.argv[2] === 'prepared') {
    waitForVariables();
    process.argv.length = 2;
  }
  logging.install();
  const client = new RuntimeClient(process.env.AWS_LAMBDA_RUNTIME_API);
  const loop = new Loop(client);

  // Until an event is handled, what goes wrong is an init error.
  process.on('uncaughtException', (error) => {
    logging.logError('Uncaught Exception', error);
    loop.fatal(error, 129);
  });
  process.on('unhandledRejection', (reason, promise) => {
    const error = new errors.UnhandledPromiseRejection(reason, promise);
    logging.logError('Unhandled Promise Rejection', error);
    loop.fatal(error, 128);
  });

  try {
    loop.handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    logging.logError('Uncaught Exception', error);
    loop.fatal(error, 129);
    return;
  }
  process.on('beforeExit', () => loop.isIdle());
  loop.next();
}

main();
