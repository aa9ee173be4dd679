// The Runtime API over one kept connection. While no request is under way the connection keeps nothing alive.
'use strict';

const net = require('node:net');

const PREFIX = '/2018-06-01/runtime/';
const HEAD_END = Buffer.from('\r\n\r\n');

class RuntimeClient {
  constructor(address) {
    const [host, port] = address.split(':');
    this.address = { host, port: Number(port) };
    this.hostHeader = address;
    this.socket = undefined;
    this.received = [];
    this.pending = undefined;
  }

  /** Waits for an event: {headers, body}. */
  next() {
    return this.request('GET', 'invocation/next');
  }

  respond(id, invocationId, body, contentType = 'application/json') {
    return this.request('POST', `invocation/${id}/response`, body, invocationHeaders(contentType, invocationId));
  }

  fail(id, invocationId, error) {
    const headers = { ...invocationHeaders('application/json', invocationId), 'Lambda-Runtime-Function-Error-Type': asHeader(error.errorType) };
    return this.request('POST', `invocation/${id}/error`, JSON.stringify(error), headers);
  }

  failInit(error) {
    const headers = { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': asHeader(error.errorType) };
    return this.request('POST', 'init/error', JSON.stringify(error), headers);
  }

  request(method, path, body, headers = {}) {
    const data = body === undefined ? undefined : Buffer.from(body);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    if (data !== undefined) lines.push(`Content-Length: ${data.length}\r\n`);
    const head = Buffer.from(`${method} ${PREFIX}${path} HTTP/1.1\r\nHost: ${this.hostHeader}\r\n${lines.join('')}\r\n`);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      const socket = this.connection();
      socket.ref();
      socket.write(data === undefined ? head : Buffer.concat([head, data]));
    });
  }

  connection() {
    if (this.socket === undefined) {
      const socket = net.connect({ ...this.address, noDelay: true });
      socket.on('data', (data) => this.take(data));
      socket.on('error', (error) => this.lost(error));
      socket.on('close', () => this.lost(new Error('The Runtime API closed the connection')));
      this.socket = socket;
    }
    return this.socket;
  }

  lost(error) {
    this.socket = undefined;
    this.received = [];
    const pending = this.pending;
    this.pending = undefined;
    pending?.reject(error);
  }

  take(data) {
    this.received.push(data);
    const all = this.received.length === 1 ? data : Buffer.concat(this.received);
    this.received = [all];
    const end = all.indexOf(HEAD_END);
    if (end < 0) return;
    const [first, ...lines] = all.toString('utf8', 0, end).split('\r\n');
    const headers = {};
    for (const line of lines) {
      const at = line.indexOf(':');
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
    }
    const from = end + HEAD_END.length;
    const size = Number(headers['content-length'] ?? 0);
    if (all.length - from < size) return;
    this.received = [];
    this.socket.unref();
    const pending = this.pending;
    this.pending = undefined;
    pending?.resolve({ status: Number(first.split(' ')[1]), headers, body: all.toString('utf8', from, from + size) });
  }
}

function invocationHeaders(contentType, invocationId) {
  const headers = { 'Content-Type': contentType };
  if (invocationId) headers['Lambda-Runtime-Invocation-Id'] = invocationId;
  return headers;
}

function asHeader(text) {
  return String(text).replace(/[^\x20-\x7e]/g, '?');
}

module.exports = { RuntimeClient, PREFIX };
