/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/cluster/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/cluster/support/set-up.ts',
  globalTeardown: '<rootDir>/test/cluster/support/tear-down.ts',
  testSequencer: '<rootDir>/test/cluster/support/longest-first.js',
  // stories wait more than they compute
  maxWorkers: 6,
  testTimeout: 500_000,
};
