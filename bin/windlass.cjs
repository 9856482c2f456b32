#!/usr/bin/env node
// The package's command. Written so that any Node can read it: one that is too old must be able to say so.
// biome-ignore-all lint: written in the language of old Nodes
'use strict';

var path = require('path');
var manifest = require('../package.json');

var name = process.argv[2];

if (!satisfies(process.versions.node, manifest.engines.node)) {
  process.stderr.write(
    'windlass: Node ' +
      process.versions.node +
      ' cannot run this; it needs ' +
      manifest.engines.node +
      ' (https://nodejs.org).\n',
  );
  process.exitCode = 1;
} else if (name === '--version' || name === '-V') {
  process.stdout.write(manifest.version + '\n');
} else {
  // Node 22 and later keep what they compiled; asked for before the first file, so that it is kept too.
  var modules = require('module');
  if (modules.enableCompileCache) modules.enableCompileCache();
  // In a checkout nothing need be built: there bin/windlass runs the sources.
  require(path.join(__dirname, '..', 'dist', 'start.cjs'));
}

/** Whether a version is in a range such as "^20.17.0 || >=22.9.0", the only forms that engines is written in. */
function satisfies(version, range) {
  var own = version.split('.').map(Number);
  return range.split(' || ').some((part) => {
    var least = part.replace(/^\D+/, '').split('.').map(Number);
    if (part.charAt(0) === '^' && own[0] !== least[0]) return false;
    return own[0] !== least[0] ? own[0] > least[0] : own[1] >= least[1];
  });
}
