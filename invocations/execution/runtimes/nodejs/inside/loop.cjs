// One event after the other: async functions, callbacks, context.succeed and fail, streams.
'use strict';

const errors = require('./errors.cjs');
const logging = require('./logging.cjs');
const streaming = require('./streaming.cjs');

class Loop {
  constructor(client) {
    this.client = client;
    this.handler = undefined;
    /** What to do when nothing is left to do: set where a response waits for an empty event loop. */
    this.whenIdle = undefined;
    this.current = undefined;
  }

  /** Called each time the event loop has run empty. */
  isIdle() {
    const action = this.whenIdle;
    this.whenIdle = undefined;
    action?.();
  }

  /** Reports what nobody caught, and ends the process. */
  fatal(error, status) {
    const exit = () => process.exit(status);
    const response = errors.toResponse(error);
    if (this.current === undefined) this.client.failInit(response).then(exit, exit);
    else this.client.fail(this.current.id, this.current.invocationId, response).then(exit, exit);
  }

  /** Takes the next event, once what is under way now has had its turn. */
  next() {
    this.whenIdle = undefined;
    setImmediate(() => {
      this.handleNext().catch((error) => {
        console.log(`Unexpected Top Level Error: ${error}`);
        this.fatal(error, 129);
      });
    });
  }

  async handleNext() {
    const { status, headers, body } = await this.client.next();
    if (status !== 200) throw new Error(`The Runtime API answered ${status}: ${body}`);
    const id = headers['lambda-runtime-aws-request-id'];
    this.current = { id, invocationId: headers['lambda-runtime-invocation-id'] };
    logging.setRequestId(id);
    const trace = headers['lambda-runtime-trace-id'];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    else delete process.env._X_AMZN_TRACE_ID;
    if (streaming.isStreaming(this.handler)) await this.stream(headers, body);
    else this.run(headers, body);
  }

  run(headers, body) {
    const completion = new Completion(this);
    const context = completion.context(headers);
    const isAsync = this.handler.constructor?.name === 'AsyncFunction';
    this.whenIdle = () => {
      if (!isAsync) {
        completion.respond(null); // a callback that was never called
        return;
      }
      completion.fail(new errors.NodeJsExit());
    };
    try {
      const result = this.handler(JSON.parse(body), context, completion.once((error, value) => completion.callback(error, value)));
      if (typeof result?.then === 'function') result.then(context.succeed, context.fail).catch(context.fail);
    } catch (error) {
      completion.fail(error);
    }
  }

  async stream(headers, body) {
    const { id, invocationId } = this.current;
    const settings = { waits: true };
    const response = streaming.openResponse(process.env.AWS_LAMBDA_RUNTIME_API, id, invocationId, this.handler[streaming.HIGH_WATER_MARK]);
    const finish = () => {
      if (settings.waits) this.whenIdle = () => this.next();
      else this.next();
    };
    const fail = (error) => {
      logging.logError('Invoke Error', error);
      response.fail(error).then(finish, finish);
    };
    try {
      const result = this.handler(JSON.parse(body), response.stream, Object.assign(waitSwitch(settings), contextData(headers)));
      if (typeof result?.then !== 'function') {
        fail('Streaming does not support non-async handlers.');
        return;
      }
      if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.');
      if (!response.stream.writableEnded) {
        fail('Response stream is not finished.');
        return;
      }
      await response.done;
      finish();
    } catch (error) {
      fail(error);
    }
  }
}

/** The end of one event, by whichever way comes first. */
class Completion {
  constructor(loop) {
    this.loop = loop;
    this.event = loop.current;
    this.settings = { waits: true };
    this.isDone = false;
  }

  /** The context object: data, and the old ways to finish. Each of them works once. */
  context(headers) {
    const context = Object.assign(waitSwitch(this.settings), contextData(headers));
    context.done = this.once((error, value) => this.done(error, value));
    context.succeed = this.once((value) => this.done(null, value));
    context.fail = this.once((error) => this.done(error ?? 'handled'));
    return context;
  }

  once(action) {
    let isUsed = false;
    return (...values) => {
      if (isUsed) return;
      isUsed = true;
      action(...values);
    };
  }

  callback(error, value) {
    this.loop.whenIdle = undefined;
    if (error !== undefined && error !== null) this.fail(error);
    else if (this.settings.waits) this.loop.whenIdle = () => this.respond(value);
    else this.respond(value);
  }

  done(error, value) {
    if (error !== undefined && error !== null) this.fail(error);
    else this.respond(value);
  }

  respond(value) {
    let text;
    try {
      text = JSON.stringify(value === undefined ? null : value) ?? 'null';
    } catch {
      this.fail(new Error('Unable to stringify response body'));
      return;
    }
    this.finish(() => this.loop.client.respond(this.event.id, this.event.invocationId, text));
  }

  fail(error) {
    logging.logError('Invoke Error', error);
    this.finish(() => this.loop.client.fail(this.event.id, this.event.invocationId, errors.toResponse(error)));
  }

  finish(post) {
    if (this.isDone) {
      console.error('Invocation has already been reported as done. Cannot call complete more than once per invocation.');
      return;
    }
    this.isDone = true;
    this.loop.whenIdle = undefined;
    post().then(
      ({ status, body }) => {
        if (status >= 400) console.error(`The Runtime API answered ${status}: ${body}`);
        this.loop.next();
      },
      (error) => this.loop.fatal(error, 129),
    );
  }
}

function waitSwitch(settings) {
  return {
    get callbackWaitsForEmptyEventLoop() {
      return settings.waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      settings.waits = value;
    },
  };
}

function contextData(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const parsed = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed('lambda-runtime-client-context'),
    identity: parsed('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

module.exports = { Loop };
