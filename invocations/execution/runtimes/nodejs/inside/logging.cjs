// console as Lambda has it: one line per call with time, request id and level; JSON objects where the function logs JSON.
'use strict';

const { format } = require('node:util');
const errors = require('./errors.cjs');

const LEVELS = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };

let requestId;
let logsJson = false;

function write(line) {
  process.stdout.write(`${line.replace(/\n/g, '\r')}\n`);
}

function describe(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  };
}

function jsonLine(level, values) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (values.length === 1) {
    const replacer = (_key, value) => (value instanceof Error ? { ...describe(value), ...value } : value);
    try {
      return JSON.stringify({ ...entry, message: values[0] }, replacer);
    } catch {
      return JSON.stringify({ ...entry, message: format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...entry, message: format(...values), ...(error ? describe(error) : {}) });
}

function log(level, values) {
  if (logsJson) write(jsonLine(level, values));
  else write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`);
}

/** Replaces console's methods, by the format and level that the variables say. */
function install() {
  logsJson = (process.env.AWS_LAMBDA_LOG_FORMAT ?? '').toUpperCase() === 'JSON';
  const threshold = LEVELS[(process.env.AWS_LAMBDA_LOG_LEVEL ?? '').toUpperCase()] ?? LEVELS.TRACE;
  for (const [level, rank] of Object.entries(LEVELS)) {
    const method = level.toLowerCase();
    console[method] = rank >= threshold || level === 'FATAL' ? (...values) => log(level, values) : () => {};
  }
  console.log = console.info;
}

/** An error that the runtime itself reports. */
function logError(title, error) {
  if (logsJson) console.error(errors.intoError(error));
  else console.error(title, errors.toLog(errors.intoError(error)));
}

module.exports = {
  install,
  logError,
  setRequestId(id) {
    requestId = id;
  },
};
