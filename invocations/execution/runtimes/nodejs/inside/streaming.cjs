// awslambda.streamifyResponse, and the stream that such handlers write their response to.
'use strict';

const http = require('node:http');
const errors = require('./errors.cjs');
const { PREFIX } = require('./client.cjs');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const HTTP_RESPONSE = 'application/vnd.awslambda.http-integration-response';
const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

class HttpResponseStream {
  /** Sends status, headers and cookies before the body: their JSON, then eight zero bytes. */
  static from(stream, prelude) {
    stream.setContentType(HTTP_RESPONSE);
    stream._onBeforeFirstWrite = (write) => {
      write(JSON.stringify(prelude));
      write(new Uint8Array(8));
    };
    return stream;
  }
}

/** Makes the global that streaming handlers use. */
function install() {
  if (['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return;
  globalThis.awslambda = {
    streamifyResponse(handler, options) {
      handler[STREAMING] = 'response';
      if (typeof options?.highWaterMark === 'number') handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
      return handler;
    },
    HttpResponseStream,
  };
}

function isStreaming(handler) {
  if (!handler[STREAMING]) return false;
  if (handler[STREAMING] === 'response') return true;
  throw new errors.MalformedStreamingHandler('Only response streaming is supported.');
}

/** The response of one event: a writable stream. `done` settles when the Runtime API has answered. */
function openResponse(address, id, invocationId, highWaterMark) {
  const [hostname, port] = address.split(':');
  let settle;
  const done = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  done.catch(() => {});
  const headers = {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    Trailer: [ERROR_TYPE, ERROR_BODY],
    'Content-Type': 'application/octet-stream',
    'Transfer-Encoding': 'chunked',
  };
  if (invocationId) headers['Lambda-Runtime-Invocation-Id'] = invocationId;
  const path = `${PREFIX}invocation/${id}/response`;
  const stream = http.request({ hostname, port, path, method: 'POST', headers, agent: false, highWaterMark }, (response) => {
    response.resume();
    response.on('end', settle.resolve);
  });
  stream.on('error', settle.reject);

  let hasBegun = false;
  const write = stream.write.bind(stream);
  stream.setContentType = (contentType) => {
    if (hasBegun) throw new errors.InvalidStreamingOperation('Cannot set content-type, too late.');
    stream.setHeader('Content-Type', contentType);
  };
  const begin = () => {
    if (hasBegun) return;
    hasBegun = true;
    stream._onBeforeFirstWrite?.(write);
  };
  stream.write = (chunk, encoding, callback) => {
    begin();
    const isRaw = typeof chunk === 'string' || Buffer.isBuffer(chunk) || chunk?.constructor === Uint8Array;
    return write(isRaw ? chunk : JSON.stringify(chunk), encoding, callback);
  };
  const end = stream.end.bind(stream);
  stream.end = (chunk, encoding, callback) => {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') stream.write(chunk, encoding);
    else begin();
    return end(typeof chunk === 'function' ? chunk : callback);
  };
  const fail = (error) => {
    const response = errors.toResponse(error);
    stream.addTrailers({ [ERROR_TYPE]: response.errorType, [ERROR_BODY]: Buffer.from(JSON.stringify(response)).toString('base64') });
    if (!stream.headersSent) stream.flushHeaders();
    end();
    return done;
  };
  return { stream, done, fail };
}

module.exports = { HIGH_WATER_MARK, install, isStreaming, openResponse };
