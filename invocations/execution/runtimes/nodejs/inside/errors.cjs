// The runtime's own errors, and the two forms in which errors leave: as a response, and in the log.
'use strict';

const { types } = require('node:util');

class RuntimeError extends Error {}

function named(name) {
  const type = { [name]: class extends RuntimeError {} }[name];
  type.prototype.name = `Runtime.${name}`;
  return type;
}

class UnhandledPromiseRejection extends RuntimeError {
  constructor(reason, promise) {
    super(reason);
    this.reason = reason;
    this.promise = promise;
  }
}
UnhandledPromiseRejection.prototype.name = 'Runtime.UnhandledPromiseRejection';

class NodeJsExit extends RuntimeError {
  constructor() {
    super(
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was ' +
        'never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
    );
  }
}
NodeJsExit.prototype.name = 'Runtime.NodeJsExit';

function looksLikeError(value) {
  return Boolean(value) && ['name', 'message', 'stack'].every((key) => typeof value[key] === 'string' && value[key]);
}

/** What the caller of the function gets. */
function toResponse(error) {
  try {
    if (types.isNativeError(error) || looksLikeError(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    const errorMessage =
      'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack';
    return { errorType: 'handled', errorMessage };
  }
}

/** What the log shows: with the properties that JSON.stringify leaves out. */
function toLog(error) {
  const visible = (_key, value) => {
    if (!(value instanceof Error)) return value;
    const shown = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
    if (typeof value.stack === 'string') shown.stack = value.stack.split('\n');
    return shown;
  };
  try {
    return `\t${JSON.stringify(error, visible)}`;
  } catch {
    return `\t${JSON.stringify(toResponse(error))}`;
  }
}

function intoError(value) {
  return value instanceof Error ? value : new Error(value);
}

module.exports = {
  HandlerNotFound: named('HandlerNotFound'),
  ImportModuleError: named('ImportModuleError'),
  InvalidStreamingOperation: named('InvalidStreamingOperation'),
  MalformedHandlerName: named('MalformedHandlerName'),
  MalformedStreamingHandler: named('MalformedStreamingHandler'),
  NodeJsExit,
  UnhandledPromiseRejection,
  UserCodeSyntaxError: named('UserCodeSyntaxError'),
  intoError,
  toLog,
  toResponse,
};
