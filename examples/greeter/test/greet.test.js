import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greet } from '../src/greet.js';

test('greets by name', () => {
  assert.equal(greet('Ada'), 'Hello, Ada!');
});

test('greets in another language', () => {
  assert.equal(greet('Ada', 'fr'), 'Bonjour, Ada!');
});

test('leaves blanks around a name out', () => {
  assert.equal(greet(' Ada '), 'Hello, Ada!');
});
