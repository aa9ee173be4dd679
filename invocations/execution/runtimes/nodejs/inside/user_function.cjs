// Finds the handler that `folder/module.path.to.function` names, in CommonJS or ES modules.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const errors = require('./errors.cjs');
const streaming = require('./streaming.cjs');

const FIRST_NODE_WITH_TYPESCRIPT = 24;

/** Loads the function. Throws the runtime's own errors, or what the module throws. */
async function load(root, name) {
  if (name.includes('..')) {
    throw new errors.MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = path.basename(name);
  const folder = name.slice(0, name.indexOf(last));
  const match = /^([^.]*)\.(.*)$/.exec(last);
  if (match === null) throw new errors.MalformedHandlerName('Bad handler');
  const [, moduleName, property] = match;

  streaming.install();
  const loaded = await loadModule(root, folder, moduleName);
  const handler = property.split('.').reduce((value, key) => value && value[key], loaded);
  if (!handler) throw new errors.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new errors.HandlerNotFound(`${name} is not a function`);
  return handler;
}

async function loadModule(root, folder, name) {
  try {
    return await find(root, folder, name);
  } catch (error) {
    if (error instanceof SyntaxError) throw new errors.UserCodeSyntaxError(error);
    if (error?.code === 'MODULE_NOT_FOUND') throw new errors.ImportModuleError(error);
    throw error;
  }
}

async function find(root, folder, name) {
  const base = path.resolve(root, folder, name);
  const isModule = nearestPackageIsModule(path.dirname(base));
  const asCommonJs = (extension) => fs.existsSync(base + extension) && { value: require(base + extension) };
  const asModule = async (extension) => fs.existsSync(base + extension) && { value: await import(base + extension) };
  const hasTypeScript = Number(process.versions.node.split('.')[0]) >= FIRST_NODE_WITH_TYPESCRIPT;

  const found =
    (fs.existsSync(base) && fs.statSync(base).isFile() && { value: require(base) }) ||
    (isModule ? await asModule('.js') : asCommonJs('.js')) ||
    (await asModule('.mjs')) ||
    asCommonJs('.cjs') ||
    (hasTypeScript && ((isModule ? await asModule('.ts') : asCommonJs('.ts')) || (await asModule('.mts')) || asCommonJs('.cts')));
  if (found) return found.value;
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

function nearestPackageIsModule(folder) {
  if (folder.endsWith('/node_modules')) return false;
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  return folder !== '/' && nearestPackageIsModule(path.dirname(folder));
}

module.exports = { load };
